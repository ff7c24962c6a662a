"""What has to happen to what is recorded and not wanted any more: deleted, archived, or only forgotten. Pure."""

from __future__ import annotations

from dataclasses import replace

from dpn import taken
from dpn.decide import Inputs
from dpn.model import Change, Problem, Record, Step


def unwanted(inputs: Inputs, record: Record, problems: list[Problem]) -> Change:
    """Give the change for a record that the blueprint no longer has."""
    info, seen = inputs.kinds[record.kind], inputs.observed.get(record.address)
    change = forgotten(record, "it is not in the blueprint")
    if record.on_delete == "keep":
        return replace(change, reason="it is kept and forgotten, as on_delete says")
    if seen and taken.is_strange(info, record, seen):
        problems.append(taken.not_ours(record.address, record, seen))
        return change
    if inputs.archive and "archive" not in info.has:
        problems.append(_no_archive(record))
        return change
    if seen and (inputs.archive or record.on_delete == "archive") and "archive" in info.has:
        if record.status == "archived":
            return replace(change, reason="it is archived", forget=False)
        return replace(change, action="archive", steps=(Step("archive"),), forget=False)
    return replace(change, action="delete", steps=(Step("delete"),), reversible=info.undelete, forget=False)


def _no_archive(record: Record) -> Problem:
    return Problem(
        "NO-ARCHIVE", f"{record.kind} cannot be archived, only deleted.", record.address,
        hint="Leave --archive out to delete it, or name other addresses.",
    )  # fmt: skip


def forgotten(record: Record, reason: str) -> Change:
    """Give the change that only takes a record out of the state."""
    return Change(record.address, record.kind, "noop", record.name, before=record, reason=reason, forget=True)
