"""From the committed records and a journal to the records as they are now: pure, and the only such place.

Commit, recovery and reading commands share it, so what a command shows while a run is open is what recovery will
work on.

Entries (`t` says which): header · intent {address, key, op, method, part, fields, want, change, bound, binds, before,
last, undoes, complete, noted; of a shared thing also added, removed, share, awaited} · result {of, outcome, ref, code,
message, watch, late, unsure} · undone {of} · abort {reason} · skip {address} · accept · commit {outcome, watch, notes,
forget} · blocked {reasons} · end {outcome} · moved {to}, alone after its header, of a stack that is elsewhere now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import codec
from dpn.engine.moves import moved
from dpn.model import Change, Record, Ref, Resource
from dpn.references import secret_fields

Entry = Mapping[str, Any]


def fold(records: Mapping[str, Record], journal: Iterable[Entry]) -> dict[str, Record]:
    """Give the records after the journal; an intent without a result changes nothing."""
    folded = Fold(records)
    for seq, entry in enumerate(journal):
        folded.add(int(entry.get("seq", seq)), entry)
    return folded.records


def record_of(want: Resource, **known: Any) -> Record:
    """Give the record of a resource; `known` is what only the run knows: op, id, bound, settings, account, …."""
    return Record(
        address=want.address, kind=want.kind, name=known.pop("name", want.name), spec=known.pop("spec", want.spec),
        provider=want.provider, parent=want.parent, region=want.region, needs=want.needs, naming=want.naming,
        protect=want.protect, on_delete=want.on_delete, **known,
    )  # fmt: skip


class Fold:
    """Records that follow the entries one by one."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self.records: dict[str, Record] = dict(records)
        self.intents: dict[int, Entry] = {}
        self.results: dict[int, Entry] = {}
        self.changes: dict[str, Change] = {}
        self.undoing: dict[int, list[int]] = {}  # what was begun to undo an intent
        self.undone: set[int] = set()
        self.watch: list[Entry] = []  # creates and renames of this journal that may still land
        self.skipped: set[str] = set()
        self.accepted = False  # what was done so far stays
        self.aborted = ""
        self.committed: Entry | None = None
        self._moves: Mapping[str, str] = {}
        self._made_with: Mapping[str, Mapping[str, Any]] = {}  # alias -> settings, account, plugin

    def add(self, seq: int, entry: Entry) -> None:
        """Take the next entry into account."""
        match entry["t"]:
            case "header":
                self._made_with = entry.get("providers", {})
                self._moves = entry.get("moves", {})
                self._move(self._moves)
            case "intent":
                self.intents[seq] = entry
                if "undoes" in entry:
                    self.undoing.setdefault(entry["undoes"], []).append(seq)
                if "change" in entry:
                    self.changes[entry["address"]] = codec.load(Change, entry["change"])
            case "result":
                self._result(self.intents[entry["of"]], entry)
            case "commit":
                self._commit(entry)
            case _:
                self._noted(entry)

    def stays(self, address: str) -> bool:
        """Tell whether a person has decided that nothing more of an address is undone."""
        return self.accepted or address in self.skipped

    def _noted(self, entry: Entry) -> None:
        """Take into account what changes no record."""
        match entry["t"]:
            case "undone":
                self.undone.add(entry["of"])
            case "abort":
                self.aborted = entry.get("reason", "undone")
            case "skip":
                self.skipped.add(entry["address"])
            case "accept":
                self.accepted = True

    def _move(self, moves: Mapping[str, str]) -> None:
        self.records = moved(self.records, moves)

    def _commit(self, entry: Entry) -> None:
        self.committed = entry
        if entry["outcome"] == "rolled_back":
            self._move({new: old for old, new in self._moves.items()})
        for address in entry.get("forget", ()):
            self.records.pop(address, None)
        for note in entry.get("notes", ()):
            self.records[note["address"]] = codec.load(Record, note)

    def _result(self, intent: Entry, entry: Entry) -> None:
        self.results[entry["of"]] = entry
        self.watch += [entry["watch"]] if entry.get("watch") else []
        if entry["outcome"] == "applied":
            self._apply(intent, entry)
        if entry.get("unsure"):
            self._doubt(intent)

    def _apply(self, intent: Entry, result: Entry) -> None:
        address = intent["address"]
        change = self.changes[address]
        ref = codec.load(Ref, result["ref"]) if result.get("ref") else None
        step = self._back if "undoes" in intent else self._forth
        record = step(change, self.records.get(address), intent, ref)
        if record is None:
            self.records.pop(address, None)
        else:
            self.records[address] = record

    def _doubt(self, intent: Entry) -> None:
        """Take note that a write of secrets may have been applied: no plan sees that, so the next one sets them again.

        A record that is partial makes it do so. The fields must be in it, for one that it does not know is not hidden.
        """
        change, record = self.changes[intent["address"]], self.records.get(intent["address"])
        specs = [owner.spec for owner in (change.want, change.before) if owner]
        held = {name: spec[name] for spec in specs for name in secret_fields(spec) if name in intent["fields"]}
        if record and held:
            status = "partial" if record.status == "ready" else record.status
            self.records[intent["address"]] = replace(record, spec={**held, **record.spec}, status=status)

    def _forth(self, change: Change, record: Record | None, intent: Entry, ref: Ref | None) -> Record | None:
        want, method = change.want, intent["method"]
        if method == "delete":
            return None
        if method in ("create", "mark"):
            assert want  # a create and an adoption have a target
            assert ref  # and their result says what was made
            record = self._born(want, intent, ref)
        assert record
        if "share" in intent:
            record = replace(record, share=intent["share"])
        if method == "put" and want:
            record = replace(record, spec=_with(record.spec, want.spec, intent["fields"]), status="partial")
        if method == "rename" and ref:
            record = replace(record, name=ref.name, id=ref.id or record.id)
        if method == "archive":
            record = replace(record, status="archived")
        if intent.get("last") and want:
            record = _finished(record, want, method)
        bound = intent.get("bound", {})
        return replace(record, bound={**record.bound, **{key: bound[key] for key in intent.get("binds", bound)}})

    def _born(self, want: Resource, intent: Entry, ref: Ref) -> Record:
        adopted = intent["method"] == "mark"
        spec = (
            intent["before"]["spec"]
            if adopted
            else {key: want.spec[key] for key in intent["fields"] if key in want.spec}
        )
        return record_of(
            want, spec=spec, op=intent["op"], id=ref.id, name=ref.name, status="partial",
            origin="adopted" if adopted else "created", **self._made_with.get(want.provider, {}),
        )  # fmt: skip

    def _back(self, change: Change, record: Record | None, intent: Entry, ref: Ref | None) -> Record | None:
        before, undone = change.before, self.intents[intent["undoes"]]["method"]
        if undone == "mark":
            return None
        if undone == "create":  # a record may have been there whose object was gone
            return before if change.action == "create" else None
        if undone == "delete" and before and intent["method"] == "create":
            # what was made again has an operation id of its own; what was gone before has nothing but its record
            record = replace(before, op=intent["op"], id=ref.id, status="partial") if ref else before
        if record is None or before is None:
            return record
        if undone == "put":
            record = replace(record, spec=_with(record.spec, before.spec, intent["fields"]))
        if undone == "rename" and ref:
            record = replace(record, name=ref.name)
        if intent.get("last"):
            # An id may be another one by now, and what refers by id was led to it; all else is as it was.
            ids = {key: record.bound.get(key, at) for key, at in before.bound.items() if key.endswith("#id")}
            record = replace(before, op=record.op, id=record.id, bound={**before.bound, **ids})
        return replace(record, bound={**record.bound, **intent.get("bound", {})})


def _finished(record: Record, want: Resource, method: str) -> Record:
    return record_of(
        want, name=record.name, op=record.op, id=record.id, bound=record.bound, share=record.share,
        settings=record.settings, account=record.account, plugin=record.plugin, origin=record.origin,
        status="archived" if method == "archive" else "ready",
    )  # fmt: skip


def _with(spec: Mapping[str, Any], source: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    taken = set(fields)
    kept = {key: value for key, value in spec.items() if key not in taken}
    return {**kept, **{key: source[key] for key in taken if key in source}}
