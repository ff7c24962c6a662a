"""One of the processes that fight for a stack: `worker.py SETTINGS LOG CYCLES NUMBER`.

Each cycle takes the stack, settles what is open, carries out one transaction and lets go. What was acknowledged is
appended to a log that all share: `enter GENERATION`, `commit GENERATION SERIAL`, `done GENERATION NUMBER`, and
`lost GENERATION` if the stack was taken over. A line ends with a dot: a write that SIGKILL cut short is no line.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any

from dpn import store
from dpn.errors import DamagedError, InDoubtError, LockedError
from dpn.extensions import Backend, Ledger
from dpn.world import World

STACK = "lake.dev"
PLUGINS = {"file": "dpn.store", "s3": "dpn_aws.state", "postgres": "dpn_postgres"}


def backend_of(world: World, settings: dict[str, Any]) -> Backend:
    """Open a backend as config.yaml would choose it."""
    own = dict(settings)
    (kind,) = import_module(PLUGINS[own.pop("backend")]).dpn_backends()
    return store.open_backend(kind, world, own)


class Worker:
    """Cycles on one stack, and what they tell."""

    def __init__(self, settings: dict[str, Any], log: str, number: str) -> None:
        self.number = number
        self.world = World()
        self.backend = backend_of(self.world, settings)
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def tell(self, *words: object) -> None:
        os.write(self.log, ("\n" + " ".join(map(str, words)) + " .\n").encode())

    def cycle(self) -> bool:
        """Carry out one cycle; False if the stack was lost on the way."""
        ledger = self.backend.open(STACK, store.holder(self.world, "cycle"), timeout=600)
        generation = ledger.snapshot.generation
        self.tell("enter", generation)
        try:
            self.transact(ledger, generation)
        except LockedError:  # we were stopped for longer than the lease
            self.tell("lost", generation)
            return False
        finally:
            ledger.close()
        self.tell("done", generation, self.number)
        return True

    def transact(self, ledger: Ledger, generation: int) -> None:
        if ledger.snapshot.journal:
            ledger.end({"outcome": "rolled_back"})
        ledger.begin({"command": "cycle"}, 0)
        ledger.append({"t": "intent"})
        ledger.sync()
        ledger.commit({})
        self.tell("commit", generation, ledger.snapshot.serial)
        ledger.end({"outcome": "done"})


def main(settings: str, log: str, cycles: str, number: str) -> None:
    """Carry out so many cycles."""
    worker = Worker(json.loads(settings), log, number)
    done = 0
    while done < int(cycles):
        try:
            done += worker.cycle()
        except (LockedError, InDoubtError) as error:  # it was overtaken between two of its steps: it tries again
            worker.tell("lost", type(error).__name__)
        except DamagedError as error:
            worker.tell("damaged", error.message)
            raise


if __name__ == "__main__":
    main(*sys.argv[1:])
