"""The transaction engine: a state machine without I/O. Read `core.py` first, then `forward.py` and `undo.py`.

Import from the modules: a plan needs `fold` only and must not pay for the rest.
"""
