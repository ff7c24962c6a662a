from __future__ import annotations

from dpn.engine.moves import moved
from dpn.model import Record

OLD, NEW = "mem_box.old", "mem_box.new"


def record(address: str = "mem_shelf.s", **known: object) -> Record:
    return Record(address, address.partition(".")[0], "shelf-s", known.pop("spec", {}), "mem", **known)  # type: ignore[arg-type]


def test_a_record_is_found_under_its_new_address_and_is_else_the_same() -> None:
    box = record(OLD, id="i1", op="op1")
    (address, found), *others = moved({OLD: box}, {OLD: NEW}).items()
    assert (address, found.address, found.kind, found.id, found.op, others) == (NEW, NEW, "mem_box", "i1", "op1", [])


def test_what_does_not_refer_to_it_stays_as_it_is() -> None:
    other = record(parent="mem_box.z", bound={"mem_box.z[a#b]#id": "z1"})
    assert moved({OLD: record(OLD), "mem_shelf.s": other}, {OLD: NEW})["mem_shelf.s"] == other


def test_what_refers_to_it_follows() -> None:
    spec = {
        "whole": f"${{{OLD}}}",
        "inside": f"in ${{{OLD}.color}} and ${{mem_box.olden}}",
        "deep": [{"list": (f"${{{OLD}}}", 7)}],
        "literal": f"$${{{OLD}}}",
        "plain": OLD,
    }
    shelf = record(
        spec=spec, parent=OLD, needs=("mem_box.z", OLD), bound={f"{OLD}#id": "i1", "mem_box.z#name": "z"},
    )  # fmt: skip
    found = moved({OLD: record(OLD), "mem_shelf.s": shelf}, {OLD: NEW})["mem_shelf.s"]
    assert found.spec == {
        "whole": f"${{{NEW}}}",
        "inside": f"in ${{{NEW}.color}} and ${{mem_box.olden}}",
        "deep": [{"list": [f"${{{NEW}}}", 7]}],
        "literal": f"$${{{OLD}}}",
        "plain": OLD,
    }
    assert (found.address, found.parent, found.needs) == ("mem_shelf.s", NEW, (NEW, "mem_box.z"))
    assert found.bound == {f"{NEW}#id": "i1", "mem_box.z#name": "z"}


def test_needs_stand_in_order_again() -> None:
    shelf = record(needs=("mem_box.a", OLD))
    found = moved({OLD: record(OLD), "mem_shelf.s": shelf}, {OLD: "mem_box.0"})["mem_shelf.s"]
    assert found.needs == ("mem_box.0", "mem_box.a")


def test_what_has_no_parent_gets_none() -> None:
    assert moved({OLD: record(OLD)}, {OLD: NEW})[NEW].parent is None


def test_an_address_that_is_in_use_or_unknown_moves_nothing() -> None:
    both = {OLD: record(OLD), NEW: record(NEW)}
    assert moved(both, {OLD: NEW}) == both
    assert moved(both, {"mem_box.gone": "mem_box.other"}) == both
    assert moved(both, {OLD: NEW}) is not both
