"""Where the objects of a stack are, and how a put becomes certain."""

from __future__ import annotations

from dataclasses import dataclass

from dpn.errors import DpnError
from dpn.objects import ConflictError, LostReplyError, Objects
from dpn.store.files import refuse_strange_key
from dpn.world import World

STACKS = "stacks/"
RACES = 30
"""How often a put may meet a conflict before its store is to blame: each true one means that somebody else went on."""
PATIENCE = 90.0
"""Seconds in which a put is tried again: long enough for a second try where a client waits a minute for its answer."""
_FALSE_CONFLICTS = 2
"""How often a put may meet a conflict though the expected version is still there: its store was busy with another."""
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds: long enough for a network or a server that comes back


@dataclass(frozen=True, slots=True)
class StackKeys:
    """The keys of one stack. `store` is what stands before them in messages."""

    stack: str
    store: str

    @property
    def folder(self) -> str:
        """All of the stack."""
        return f"{STACKS}{self.stack}/"

    @property
    def lock(self) -> str:
        """Who has the stack."""
        return f"{self.folder}lock"

    @property
    def state_key(self) -> str:
        """The committed records."""
        return f"{self.folder}state.json"

    @property
    def versions(self) -> str:
        """The folder of the states before the committed one."""
        return f"{self.folder}versions/"

    @property
    def history(self) -> str:
        """The folder of the journals that have ended."""
        return f"{self.folder}history/"

    @property
    def journals(self) -> str:
        """The folder of the journals: one that is open, and the seals of those that were."""
        return f"{self.folder}journal/"

    def batches(self, transaction: str) -> str:
        """Give the folder of a transaction's journal."""
        return f"{self.journals}{transaction}/"

    def version(self, serial: int) -> str:
        """Give the key of a former state."""
        return f"{self.versions}{serial:08d}.json"

    def shown(self, key: str) -> str:
        """Give a key as a message names it."""
        return f"{self.store}/{key}"

    @property
    def state(self) -> str:
        """What messages call the state."""
        return self.shown(self.state_key)

    @property
    def journal(self) -> str:
        """What messages call the journal."""
        return self.shown(f"{self.folder}journal")


def stack_keys(objects: Objects, stack: str) -> StackKeys:
    """Give the keys of a stack; InputError when it is no key of a stack."""
    refuse_strange_key(stack)
    return StackKeys(stack, objects.name)


@dataclass(frozen=True, slots=True)
class Put:
    """What a put came to. prompt: it was answered at once; else others may have come between its tries."""

    version: str
    prompt: bool


def put_surely(
    world: World, objects: Objects, key: str, content: bytes, expected: str | None, *, patience: float = PATIENCE
) -> Put:
    """Put, and find out what became of it: after a lost reply try again; what is there with our content is ours.

    No two puts of dpn to one key have the same content, and a put that lands late finds another version than it
    expects; so trying again is safe. No try begins later than `patience` seconds after the first.
    ConflictError, with the key, when something else is there; DpnError when nothing can be said.
    """
    until = world.clock.monotonic() + patience
    pauses, number = iter(_PAUSES), 0
    while True:
        try:
            return Put(objects.put(key, content, expected), prompt=number == 0)
        except ConflictError as error:
            found = objects.get(key)
            if found and found[0] == content:
                return Put(found[1], prompt=False)
            refused: Exception = ConflictError(key)
            if number >= _FALSE_CONFLICTS or (found[1] if found else None) != expected:
                raise refused from error
        except LostReplyError as error:
            refused = error
        pause, number = next(pauses, None), number + 1
        if pause is None or world.clock.monotonic() + pause > until:
            raise refused
        world.sleep(pause)


def stubborn(keys: StackKeys, key: str) -> DpnError:
    """Give the error for a store in which no put succeeds, though each time the newest version was expected."""
    return DpnError(
        f"{keys.shown(key)} could not be written: each time, somebody else had just changed it. No record was changed.",
        hint="Run the command again. If it stays so, the store keeps no conditions; dpn.testing has a test of that.",
    )
