"""What others add to a shared thing stays theirs; what was dropped comes back as it was."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dpn.model import Observed, Ref
from dpn.testing.simulation.scenarios import BOX, CRATE, GUEST, JAR, PASS

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench, agree


def rights(bench: Bench, holder: str = "ada") -> list[str]:
    found = [seen for seen in bench.cloud.objects.values() if (seen.ref.kind, seen.ref.name) == ("mem_pass", holder)]
    return list(found[0].spec["rights"]) if found else []


def share(bench: Bench) -> Any:
    return dict(bench.snapshot.records[PASS.address].share)


def others_grant(bench: Bench, *more: str) -> None:
    for key, seen in bench.cloud.objects.items():
        if (seen.ref.kind, seen.ref.name) == ("mem_pass", "ada"):
            together = sorted({*seen.spec["rights"], *more})
            bench.cloud.objects[key] = replace(seen, spec={**seen.spec, "rights": together})


def wanting(*some: str) -> Any:
    return replace(PASS, spec={**PASS.spec, "rights": list(some)})


def test_what_is_there_already_is_not_our_share() -> None:
    bench = Bench()
    bench.apply(BOX, wanting("read"))
    bench.apply(BOX)
    assert rights(bench) == []
    bench.apply(BOX, wanting("read"))
    others_grant(bench, "write")
    assert bench.apply(BOX, wanting("read", "write")) == "done"
    assert share(bench) == {"rights": ["read"]}
    assert bench.apply(BOX) == "done"
    assert rights(bench) == ["write"]


def test_a_plan_is_empty_when_others_add_and_not_when_they_take_away() -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    others_grant(bench, "own")
    plan, _ = bench.plan(BOX, PASS)
    assert [change.action for change in plan.changes] == ["noop", "noop"]
    key = next(key for key in bench.cloud.objects if key[0] == "mem_pass")
    bench.cloud.objects[key] = replace(bench.cloud.objects[key], spec={"holder": "ada", "rights": ["own", "read"]})
    plan, _ = bench.plan(BOX, PASS)
    change = next(change for change in plan.changes if change.address == PASS.address)
    assert change.action == "update"
    assert [(diff.before, diff.after) for diff in change.diffs] == [(["own", "read"], ["own", "read", "write"])]


def test_an_update_takes_away_only_what_was_ours() -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    others_grant(bench, "own")
    assert bench.apply(BOX, wanting("read")) == "done"
    assert rights(bench) == ["own", "read"]
    assert share(bench) == {"rights": ["read"]}


def test_what_is_neither_wanted_nor_there_is_forgotten() -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    key = next(key for key in bench.cloud.objects if key[0] == "mem_pass")
    bench.cloud.objects[key] = replace(bench.cloud.objects[key], spec={"holder": "ada", "rights": ["read"]})
    bench.apply(BOX, wanting("read"))
    assert share(bench) == {"rights": ["read"]}
    others_grant(bench, "write")
    bench.apply(BOX, wanting("read"))
    assert rights(bench) == ["read", "write"]


def test_a_share_that_others_took_away_needs_no_call_to_go() -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    key = next(key for key in bench.cloud.objects if key[0] == "mem_pass")
    bench.cloud.objects[key] = replace(bench.cloud.objects[key], spec={"holder": "ada", "rights": ["own"]})
    bench.cloud.calls.clear()
    assert bench.apply(BOX) == "done"
    assert [call for call in bench.cloud.calls if call[1] == "delete"] == []
    assert rights(bench) == ["own"]
    assert PASS.address not in bench.snapshot.records


@pytest.mark.parametrize("wrong", ["refuse", "drop"])
def test_a_failure_leaves_shares_as_they_were(wrong: str) -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    others_grant(bench, "own")
    bench.cloud.fault = lambda kind, method, _: wrong if (kind, method) == ("mem_crate", "create") else None
    last = replace(CRATE, needs=(PASS.address, GUEST.address))
    plan, _ = bench.plan(BOX, wanting("own"), GUEST, last)
    assert bench.run(plan) == "rolled_back"
    assert share(bench) == {"rights": ["read", "write"]}
    assert rights(bench) == ["own", "read", "write"]
    assert rights(bench, "bob") == []


def test_another_holder_is_another_thing() -> None:
    bench = Bench()
    bench.apply(BOX, PASS)
    others_grant(bench, "own")
    assert bench.apply(BOX, replace(PASS, name="cleo", spec={**PASS.spec, "holder": "cleo"})) == "done"
    assert rights(bench) == ["own"]
    assert rights(bench, "cleo") == ["read", "write"]


def dropped_and_undone(bench: Bench, *, emptied: bool = False, taken: bool = False, at: int = -1) -> str:
    bench.apply(JAR, BOX)
    born = bench.snapshot.records[JAR.address].id
    plan, _ = bench.plan(BOX, CRATE)

    def fault(kind: str, method: str, _: str) -> str | None:
        if emptied:
            bench.cloud.bin.clear()
        gone = "mem_jar" not in (kind for kind, _ in bench.cloud.objects)
        if taken and gone:
            bench.cloud.objects["mem_jar", "theirs"] = Observed(Ref("mem_jar", "jar-j", "theirs"), {"size": 7})
            return "refuse"
        return "refuse" if kind == "mem_crate" and method == "create" and gone else None

    # The crate is refused only once the jar is gone, so that there is a delete to undo.
    bench.cloud.fault = fault
    crate = next(change for change in plan.changes if change.address == CRATE.address)
    changes = [change for change in plan.changes if change is not crate]
    plan = replace(plan, changes=(*changes, replace(crate, needs=(f"{JAR.address}!",))))
    bench.outcome = bench.run(plan, at=at)
    return str(born)


def test_what_was_dropped_comes_back_with_its_id_and_its_marker() -> None:
    bench = Bench()
    born = dropped_and_undone(bench)
    assert bench.outcome == "rolled_back"
    record = bench.snapshot.records[JAR.address]
    assert record.id == born
    seen = bench.cloud.objects["mem_jar", born]
    assert seen.marker
    assert seen.marker.op == record.op
    assert ("mem_jar", "undrop", "jar-j") in bench.cloud.calls


def test_what_the_service_has_no_more_is_made_again() -> None:
    bench = Bench()
    born = dropped_and_undone(bench, emptied=True)
    assert bench.outcome == "rolled_back"
    assert bench.now < 1, "nothing was made yet that could still become visible"
    record = bench.snapshot.records[JAR.address]
    assert record.id != born
    assert record.op.endswith("-u")
    assert bench.cloud.objects["mem_jar", record.id or ""].spec["size"] == 1


@pytest.mark.parametrize("at", range(60))
def test_what_was_made_again_is_not_taken_for_what_was_dropped(at: int) -> None:
    bench = Bench()
    dropped_and_undone(bench, emptied=True, at=at)
    if bench.snapshot.journal:
        assert bench.run() in ("rolled_back", "done")
    agree(bench)


def test_what_another_put_at_the_name_meanwhile_is_not_taken_for_what_was_dropped() -> None:
    bench = Bench()
    dropped_and_undone(bench, taken=True)
    bench.cloud.bin.clear()
    assert bench.run() == "blocked"
    assert bench.engine
    assert "NAME-TAKEN" in str(bench.engine.blocked)
    assert bench.cloud.objects["mem_jar", "theirs"].spec == {"size": 7}


@pytest.mark.parametrize("how", ["drop", "lose", "late"])
def test_a_share_whose_reply_never_came_counts_as_given_and_is_taken_back(how: str) -> None:
    bench = Bench()
    bench.apply(BOX)
    bench.cloud.fault = lambda kind, method, _: how if (kind, method) == ("mem_pass", "create") else None
    assert bench.apply(BOX, PASS) == "rolled_back"
    bench.cloud.fault = lambda *_: None
    assert rights(bench) == []
    assert PASS.address not in bench.snapshot.records
    agree(bench)
