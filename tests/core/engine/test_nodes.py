"""The pieces of a plan: removals and main halves, and which of them waits for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dpn.engine.nodes import Node, nodes, removal_key
from dpn.model import Action, Change, Record, Resource, Reversible, Step

MAKE, REMOVE, RENAME, PUT = Step("create"), Step("delete"), Step("rename"), Step("put", "size")
BY_ACTION: Mapping[Action, tuple[Step, ...]] = {
    "create": (MAKE, PUT), "delete": (REMOVE,), "replace": (REMOVE, MAKE, PUT), "rename": (RENAME, PUT), "noop": (),
}  # fmt: skip


def record(address: str, parent: str | None = None) -> Record:
    return Record(address, "mem_room", address, {}, "mem", parent=parent)


def change(
    address: str, action: Action, *, needs: Iterable[str] = (), gone: Iterable[str] = (), parent: str | None = None,
    reversible: Reversible = "yes",
) -> Change:  # fmt: skip
    want = Resource(address, "mem_room", address, {}, "mem", parent=parent)
    return Change(
        address, "mem_room", action, address, want, record(address, parent), steps=BY_ACTION[action],
        needs=tuple(needs), removal_needs=tuple(gone), reversible=reversible,
    )  # fmt: skip


def made(*changes: Change) -> dict[str, Node]:
    return nodes(changes, {one.address: one.before for one in changes if one.before})


def test_a_change_is_a_removal_a_main_half_or_both() -> None:
    out = made(change("a", "create", needs="x"), change("b", "delete", gone="y"), change("c", "noop"))
    assert {key: (node.steps, node.needs) for key, node in out.items()} == {
        "a": ((MAKE, PUT), ("x",)), "b!": ((REMOVE,), ("y",)),
    }  # fmt: skip


def test_the_main_half_of_a_replace_waits_for_its_removal() -> None:
    out = made(change("a", "replace", needs="x", gone="y"))
    assert {key: (node.steps, node.needs) for key, node in out.items()} == {
        "a!": ((REMOVE,), ("y",)), "a": ((MAKE, PUT), ("x", "a!")),
    }  # fmt: skip
    assert removal_key("a") == "a!"


def test_only_a_removal_that_cannot_be_undone_fully_runs_late() -> None:
    out = made(
        change("a", "replace", reversible="lossy"), change("b", "delete"), change("c", "delete", reversible="no")
    )
    assert {key for key, node in out.items() if node.late} == {"a!", "c!"}


def test_a_rename_waits_for_the_removals_inside_of_it_however_deep() -> None:
    out = made(
        change("room", "rename", needs="x"), change("desk", "delete", parent="room"), change("far", "delete"),
        change("shelf", "noop", parent="room"), change("book", "replace", parent="shelf"),
    )  # fmt: skip
    assert set(out["room"].needs) == {"x", "desk!", "book!"}
    assert out["room"].needs[0] == "x"
    assert out["room"].change.needs == out["room"].needs  # recovery takes the order from there
    assert out["desk!"].needs == ()
    assert out["book"].needs == ("book!",)


def test_what_is_not_renamed_waits_for_nothing_inside_of_it() -> None:
    out = made(change("room", "replace"), change("desk", "delete", parent="room"))
    assert out["room"].needs == ("room!",)


def test_a_rename_does_not_wait_for_a_removal_that_waits_for_it() -> None:
    out = made(
        change("room", "rename"), change("desk", "delete", parent="room", gone=["lamp"]),
        change("lamp", "create", needs=["room"]), change("chair", "delete", parent="room"),
    )  # fmt: skip
    assert out["room"].needs == ("chair!",)
    assert out["desk!"].needs == ("lamp",)


def test_of_two_renames_that_would_wait_for_each_other_one_goes_first() -> None:
    """Each holds a removal that waits for the other: what the first one waits for is known to the second."""
    out = made(
        change("m", "rename"), change("n", "rename"),
        change("in_m", "delete", parent="m", gone=["n"]), change("in_n", "delete", parent="n", gone=["m"]),
    )  # fmt: skip
    waits = {key: set(node.needs) for key, node in out.items()}
    assert waits["m"] == {"in_m!"}
    assert waits["n"] == set()
