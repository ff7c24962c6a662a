"""What stands at a name is not ours: whose it is, and what can be done. Pure."""

from __future__ import annotations

from dpn.model import Fault, Observed, Problem, Record
from dpn.name_rule import WORLDWIDE
from dpn.provider import KindInfo

CODE = "NAME-TAKEN"
"""The code of a fault by which a provider says for certain that a name is another account's."""


def by_thing(info: KindInfo, name: str, address: str, seen: Observed, *, known: bool = False) -> Problem:
    """Say that something stands there that can be looked at, and cannot be adopted.

    known: the name is to be the new one of what is there under another.
    """
    text = f"{name} exists already and belongs to {_owner(info, seen)}."
    way = "free that name first" if known else 'declare it with "existing": true to refer to it only'
    return Problem(CODE, text, address, hint=f"{_other_name(info)}, or {way}.")


def by_stranger(info: KindInfo, name: str, address: str, fault: Fault | None) -> Problem:
    """Say that the name is not free and what has it cannot be looked at; `fault` says why."""
    if fault is None or fault.code == CODE:
        text = f"{name} exists already and belongs to another account."
        return Problem(CODE, text, address, hint=f"{_other_name(info)}.")
    text = f"{name} is not free, and what has it cannot be looked at ({fault.message}): it is another account's, or "
    text += "yours and these credentials do not reach it."
    return Problem(CODE, text, address, hint=" ".join(filter(None, (f"{_other_name(info)}.", fault.hint))))


def is_strange(info: KindInfo, record: Record, seen: Observed) -> bool:
    """Tell whether what stands in the place of what is recorded is not that."""
    return info.marker != "none" and (seen.marker is None or seen.marker.op != record.op)


def not_ours(address: str, record: Record, seen: Observed) -> Problem:
    """Say that it is not."""
    whose = f"the marker of {seen.marker.stack.replace('--', '.')}" if seen.marker else "no marker"
    return Problem(
        "NOT-OURS", f"What stands at {record.name} carries {whose}; it is not what dpn made.", address,
        hint=f"If it is to be left alone: dpn state rm '{address}'",
    )  # fmt: skip


def _owner(info: KindInfo, seen: Observed) -> str:
    if seen.marker:
        return f"stack {seen.marker.stack.replace('--', '.')}"
    if info.name_rule.unique in WORLDWIDE:
        return "your account; dpn did not make it"
    return "somebody else; it carries no marker of dpn"


def _other_name(info: KindInfo) -> str:
    if info.name_rule.unique not in WORLDWIDE:
        return "Choose other naming values"
    other = next(iter(info.variables), "")
    told = f", such as another {other}" if other else ""
    return f"Choose other naming values{told}, or put a hash behind the names (hash_generation of {info.kind})"
