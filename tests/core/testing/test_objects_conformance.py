"""The suite for stores notices a store that breaks a promise."""

from __future__ import annotations

from typing import Any

import pytest

from dpn.objects import ConflictError
from dpn.testing import MemoryObjects, ObjectsConformance
from dpn.testing.clocks import StillClock
from dpn.testing.stack_trial import StackTrial


class Overwriting(MemoryObjects):
    """Makes an object though there is one."""

    def apply(self, key: str, content: bytes, expected: str | None) -> str:
        if expected is None:
            self.objects.pop(key, None)
        return super().apply(key, content, expected)


class Careless(MemoryObjects):
    """Replaces an object whatever its version."""

    def apply(self, key: str, content: bytes, expected: str | None) -> str:
        return super().apply(key, content, self.objects[key][1] if expected and key in self.objects else expected)


class Flat(MemoryObjects):
    """Lists whole keys."""

    def names(self, folder: str) -> list[str]:
        return sorted(key.removeprefix(folder) for key in self.objects if key.startswith(folder))


class Loose(MemoryObjects):
    """Lists what only begins like the folder."""

    def names(self, folder: str) -> list[str]:
        start = folder.rstrip("/")
        below = [key.removeprefix(start).lstrip("/") for key in self.objects if key.startswith(start)]
        return sorted({name.partition("/")[0] for name in below})


class Making(MemoryObjects):
    """Makes what should have been there."""

    def apply(self, key: str, content: bytes, expected: str | None) -> str:
        return super().apply(key, content, expected if key in self.objects else None)


class Lazy(MemoryObjects):
    """Gives another version each time it is asked, and takes none."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        found = super().get(key)
        return (found[0], f"{found[1]} of {self.operations}") if found else None


def broken(objects: MemoryObjects) -> list[str]:
    """Give the promises that a store breaks, of those that need no parameters."""
    found, suite = [], ObjectsConformance()
    names = [name for name in dir(suite) if name.startswith("test_") and "overtaken_writes" not in name]
    for name in names:
        objects.objects.clear()
        clock = StillClock()
        given: dict[str, Any] = {"objects": objects, "clock": clock}
        backend = ObjectsConformance.backend.__wrapped__(suite, objects, clock)  # type: ignore[attr-defined]  # a fixture
        given["trial"] = StackTrial(backend)
        test = getattr(suite, name)
        wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
        try:
            test(**{one: given[one] for one in wanted})
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever it is, the suite has noticed
            found.append(name)
    return found


def test_a_store_that_keeps_all_promises_breaks_none() -> None:
    assert broken(MemoryObjects()) == []


@pytest.mark.parametrize(
    ("store", "promise"),
    [
        (Overwriting, "test_an_object_is_made_once_and_replaced_only_as_expected"),
        (Careless, "test_an_object_is_made_once_and_replaced_only_as_expected"),
        (Careless, "test_a_commit_of_a_holder_that_was_overtaken_is_refused"),
        (Flat, "test_names_are_what_is_right_below_a_folder"),
        (Loose, "test_names_are_what_is_right_below_a_folder"),
        (Making, "test_what_is_gone_is_not_replaced"),
        (Lazy, "test_a_transaction_is_committed_and_put_away"),
    ],
)
def test_a_broken_promise_is_noticed(store: type[MemoryObjects], promise: str) -> None:
    assert promise in broken(store())


def test_a_late_put_is_refused_like_any_other() -> None:
    objects = MemoryObjects()
    version = objects.put("a", b"one", None)
    objects.put("a", b"two", version)
    with pytest.raises(ConflictError):
        objects.apply("a", b"late", version)
