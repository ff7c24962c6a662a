"""State backends for teams: lock, journal, state and history of each stack over a store with compare-and-swap.

The keys below `stacks/KEY/`: `lock`, who has the stack · `journal/ID/NUMBER`, one object for each sync of a
transaction · `state.json`, the committed records · `versions/SERIAL.json`, the states before it · `history/`, the
journals that have ended. Why a holder that was overtaken can write nothing: docs/decisions, 0009.
"""
