"""What each entry of a journal makes of the records: the file that a run leaves is read by later versions, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dpn import codec
from dpn.engine.fold import Fold, fold
from dpn.model import Change, Observed, Record, Ref, Resource

AT = "mem_box.a"
WANT = Resource(
    AT, "mem_box", "box-a", {"size": 3, "color": "red", "note": "n"}, "mem", parent="mem_room.r", region="north",
    needs=("mem_room.r",), naming={"size": "l"}, protect=True, on_delete="keep",
)  # fmt: skip
BEFORE = Record(
    AT, "mem_box", "box-a", {"size": 1, "color": "red"}, "mem", op="op0", id="i0", bound={"mem_room.r#id": "r1"},
    share={"x": [1]}, settings={"old": 1}, account="first", plugin="p 1", origin="adopted",
)  # fmt: skip
HEADER = {"t": "header", "providers": {"mem": {"settings": {"s": 1}, "account": "acc", "plugin": "p 2"}}}
REF = Ref("mem_box", "box-a", "i1")


def change(action: str = "create", want: Resource | None = WANT, before: Record | None = None) -> Change:
    return Change(AT, "mem_box", action, "box-a", want=want, before=before)  # type: ignore[arg-type]


def intent(method: str, what: Change, **more: Any) -> dict[str, Any]:
    fields = {"t": "intent", "address": AT, "key": AT, "op": "op1", "method": method, "part": "", "fields": []}
    return {**fields, "change": codec.dump(what), **more}


def result(of: int, ref: Ref | None = None, outcome: str = "applied", **more: Any) -> dict[str, Any]:
    return {"t": "result", "of": of, "outcome": outcome, **({"ref": codec.dump(ref)} if ref else {}), **more}


def after(*entries: Any, records: dict[str, Record] | None = None) -> Record | None:
    return fold(records or {}, [HEADER, *entries]).get(AT)


def test_what_was_created_has_what_the_call_sent_and_whom_it_went_to() -> None:
    made = after(intent("create", change(), fields=["size", "lid"]), result(1, REF))
    assert made == Record(
        AT, "mem_box", "box-a", {"size": 3}, "mem", op="op1", id="i1", parent="mem_room.r", region="north",
        needs=("mem_room.r",), naming={"size": "l"}, protect=True, on_delete="keep", origin="created",
        status="partial", settings={"s": 1}, account="acc", plugin="p 2",
    )  # fmt: skip


def test_a_provider_that_the_header_does_not_know_is_known_by_its_name_only() -> None:
    made = fold({}, [{"t": "header"}, intent("create", change()), result(1, REF)])[AT]
    assert (made.provider, made.settings, made.account, made.plugin) == ("mem", {}, "", "")


def test_what_was_adopted_has_what_was_there() -> None:
    seen = codec.dump(Observed(REF, {"color": "blue"}))
    made = after(intent("mark", change("adopt"), before=seen), result(1, REF))
    assert made
    assert (made.spec, made.origin, made.status, made.op, made.id) == (
        {"color": "blue"},
        "adopted",
        "partial",
        "op1",
        "i1",
    )


def test_after_the_last_step_it_is_what_was_wanted() -> None:
    put = intent("put", change("update", before=BEFORE), fields=["size", "lid"])
    half = after(put, result(1), records={AT: BEFORE})
    assert half == replace(BEFORE, spec={"size": 3, "color": "red"}, status="partial")
    whole = after({**put, "last": True}, result(1), records={AT: BEFORE})
    assert whole == Record(
        AT, "mem_box", "box-a", WANT.spec, "mem", op="op0", id="i0", parent="mem_room.r", region="north",
        needs=("mem_room.r",), naming={"size": "l"}, protect=True, on_delete="keep", origin="adopted", status="ready",
        bound={"mem_room.r#id": "r1"}, share={"x": [1]}, settings={"old": 1}, account="first", plugin="p 1",
    )  # fmt: skip


def test_a_field_that_is_not_wanted_any_more_is_gone_after_its_part_was_put() -> None:
    put = intent("put", change("update", replace(WANT, spec={"size": 3}), BEFORE), fields=["color"])
    found = after(put, result(1), records={AT: BEFORE})
    assert found
    assert found.spec == {"size": 1}


@pytest.mark.parametrize(("given", "kept"), [("i9", "i9"), (None, "i0")])
def test_a_rename_keeps_the_id_where_the_service_gives_none(given: str | None, kept: str) -> None:
    rename = intent("rename", change("rename", before=BEFORE))
    found = after(rename, result(1, Ref("mem_box", "box-b", given)), records={AT: BEFORE})
    assert found == replace(BEFORE, name="box-b", id=kept)


def test_what_was_archived_is_so_with_and_without_more_to_do() -> None:
    for more in ({}, {"last": True}):
        found = after(intent("archive", change("archive", before=BEFORE), **more), result(1), records={AT: BEFORE})
        assert found
        assert found.status == "archived"
    back = after(intent("restore", change("restore", before=BEFORE), last=True), result(1), records={AT: BEFORE})
    assert back
    assert back.status == "ready"


def test_what_was_deleted_has_no_record() -> None:
    gone = intent("delete", change("delete", None, BEFORE))
    assert after(gone, result(1), records={AT: BEFORE}) is None
    assert after(gone, result(1, outcome="not_applied"), records={AT: BEFORE}) == BEFORE
    assert after(gone, records={AT: BEFORE}) == BEFORE


def test_a_share_is_what_the_intent_says() -> None:
    found = after(intent("put", change("update", before=BEFORE), share={"x": [2]}), result(1), records={AT: BEFORE})
    assert found
    assert found.share == {"x": [2]}


def test_what_references_stand_for_is_kept_with_the_step_that_brought_it() -> None:
    put = intent("put", change("update", before=BEFORE), bound={"mem_room.r#id": "r2", "mem_lid.l#name": "l"})
    found = after(put, result(1), records={AT: BEFORE})
    assert found
    assert found.bound == {"mem_room.r#id": "r2", "mem_lid.l#name": "l"}
    some = after({**put, "binds": ["mem_lid.l#name"]}, result(1), records={AT: BEFORE})
    assert some
    assert some.bound == {"mem_room.r#id": "r1", "mem_lid.l#name": "l"}


# undoing -------------------------------------------------------------------------------------------------------------


def undone(
    method: str, what: Change, by: str, of: Ref | None = None, back: Ref | None = None, **more: Any
) -> Record | None:
    """Do one step to the record of before, undo it, and give what is recorded then."""
    there = {AT: BEFORE} if what.before else {}
    entries = [intent(method, what, fields=["size"], before=codec.dump(Observed(REF, {}))), result(1, of)]
    undo = {**intent(by, what, undoes=1, op="op1-u", fields=["size"]), **more}
    del undo["change"]
    return after(*entries, undo, result(3, back), records=there)


def test_an_undone_birth_leaves_nothing_but_what_was_recorded_before() -> None:
    assert undone("create", change(), "delete", REF) is None
    assert undone("create", change(before=BEFORE), "delete", REF) == BEFORE  # its object was gone
    assert undone("create", change("replace", before=BEFORE), "delete", REF) is None  # its first half is undone next
    assert undone("mark", change("adopt"), "mark", REF) is None


def test_what_was_made_again_has_the_id_that_it_was_given() -> None:
    what = change("delete", None, BEFORE)
    assert undone("delete", what, "create", back=Ref("mem_box", "box-a", "i7")) == replace(
        BEFORE, op="op1-u", id="i7", status="partial"
    )
    assert undone("delete", what, "create") == BEFORE  # it was gone before


def test_what_was_put_is_put_back() -> None:
    what = change("update", before=BEFORE)
    assert undone("put", what, "put") == replace(BEFORE, status="partial")
    assert undone("put", what, "put", last=True) == BEFORE


def test_what_was_renamed_is_called_as_before() -> None:
    what = change("rename", before=BEFORE)
    other, first = Ref("mem_box", "box-b", "i0"), Ref("mem_box", "box-a", "i0")
    assert undone("rename", what, "rename", other, first) == BEFORE
    found = undone("rename", what, "rename", other)
    assert found
    assert found.name == "box-b"  # nothing was there to be renamed back


def test_after_its_last_step_an_undo_keeps_new_ids_and_nothing_else() -> None:
    what = change("update", before=BEFORE)
    found = undone("put", what, "put", last=True, bound={"mem_room.r#id": "r9"})
    assert found == replace(BEFORE, bound={"mem_room.r#id": "r9"})


@pytest.mark.parametrize(("led", "then"), [({"mem_room.r#id": "r9"}, "r9"), ({}, "r1")])
def test_what_was_led_to_a_new_id_stays_so_when_more_of_it_is_undone(led: dict[str, str], then: str) -> None:
    done = [intent("put", change("update", before=BEFORE), before=codec.dump(Observed(REF, {}))), result(1)]
    undo = {
        "t": "intent",
        "address": AT,
        "key": AT,
        "op": "op0",
        "method": "put",
        "part": "",
        "fields": [],
        "undoes": 1,
    }
    entries = [*done, {**undo, "bound": led}, result(3), {**undo, "last": True}, result(5)]
    found = after(*entries, records={AT: replace(BEFORE, bound={})})
    assert found
    assert found.bound == {"mem_room.r#id": then}


# the rest of a journal -----------------------------------------------------------------------------------------------


def test_entries_are_numbered_by_what_they_say_or_by_where_they_stand() -> None:
    create, done = intent("create", change()), result(7, REF)
    assert fold({}, [HEADER, {**create, "seq": 7}, {**done, "seq": 9}])[AT].id == "i1"
    assert AT in fold({}, [HEADER, create, result(1, REF)])


def test_an_address_that_was_moved_moves_back_with_the_run() -> None:
    header = {**HEADER, "moves": {AT: "mem_box.b"}}
    assert list(fold({AT: BEFORE}, [header])) == ["mem_box.b"]
    assert list(fold({AT: BEFORE}, [header, {"t": "commit", "outcome": "done"}])) == ["mem_box.b"]
    assert fold({AT: BEFORE}, [header, {"t": "commit", "outcome": "rolled_back"}]) == {AT: BEFORE}


def test_a_commit_forgets_and_notes() -> None:
    other = replace(BEFORE, address="mem_box.o")
    entry = {
        "t": "commit",
        "outcome": "done",
        "forget": ["mem_box.o", "mem_box.x"],
        "notes": [codec.dump(replace(BEFORE, protect=True))],
    }
    assert fold({AT: BEFORE, "mem_box.o": other}, [HEADER, entry]) == {AT: replace(BEFORE, protect=True)}


def test_what_a_journal_says_of_the_run_itself() -> None:
    folded = Fold({})
    entries: list[dict[str, Any]] = [
        {"t": "abort"}, {"t": "skip", "address": AT}, {"t": "undone", "of": 4}, {"t": "commit", "outcome": "done"},
    ]  # fmt: skip
    for seq, entry in enumerate(entries):
        folded.add(seq, entry)
    assert (folded.aborted, folded.skipped, folded.undone, folded.accepted) == ("undone", {AT}, {4}, False)
    assert folded.committed == {"t": "commit", "outcome": "done"}
    assert folded.stays(AT)
    assert not folded.stays("mem_box.b")
    folded.add(4, {"t": "abort", "reason": "stopped"})
    folded.add(5, {"t": "accept"})
    assert folded.aborted == "stopped"
    assert folded.stays("mem_box.b")


def test_what_may_still_land_is_watched_whatever_its_outcome() -> None:
    folded = Fold({})
    entries = [intent("create", change()), result(0, outcome="not_applied", watch={"op": "op1"}), {"t": "blocked"}]
    for seq, entry in enumerate(entries):
        folded.add(seq, entry)
    assert folded.watch == [{"op": "op1"}]
    assert folded.intents[0]["method"] == "create"
    assert folded.results[0]["outcome"] == "not_applied"


def test_a_secret_that_may_have_been_set_leaves_a_record_that_is_not_ready() -> None:
    want = replace(WANT, spec={"note": "${env:PW}", "size": 3})
    put = intent("put", change("update", want, BEFORE), fields=["note", "size"])
    found = after(put, result(1, outcome="not_applied", unsure=True), records={AT: BEFORE})
    assert found == replace(BEFORE, spec={"note": "${env:PW}", "size": 1, "color": "red"}, status="partial")
    shelved = replace(BEFORE, status="archived")
    found = after(put, result(1, outcome="not_applied", unsure=True), records={AT: shelved})
    assert found
    assert found.status == "archived"
    plain = intent("put", change("update", before=BEFORE), fields=["size"])
    assert after(plain, result(1, outcome="not_applied", unsure=True), records={AT: BEFORE}) == BEFORE


def test_undoing_is_remembered_by_what_is_undone() -> None:
    folded = Fold({})
    for seq, entry in enumerate([intent("create", change()), result(0, REF), intent("delete", change(), undoes=0)]):
        folded.add(seq, entry)
    assert folded.undoing == {0: [2]}
    assert folded.changes[AT].action == "create"
