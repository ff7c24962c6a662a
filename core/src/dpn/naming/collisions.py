"""Two addresses must not get one name where the cloud keeps names unique."""

from __future__ import annotations

from collections.abc import Iterable

from dpn.errors import Problem
from dpn.handover import compared
from dpn.provider import KindInfo


def collisions(named: Iterable[tuple[str, KindInfo, str, str]]) -> list[Problem]:
    """Give a problem for each address whose name another address has already.

    named: address, kind, name and scope: the account, workspace or parent's address within which the kind's names are
    unique. Names are compared as the service compares them. Kinds whose names are no identity are left out.
    """
    first: dict[tuple[str, str, str], tuple[str, str]] = {}
    problems = []
    for address, info, name, scope in sorted(named, key=lambda entry: entry[0]):
        if info.name_rule.unique == "none" or not name:
            continue
        other, other_name = first.setdefault((info.kind, scope, compared(info.name_rule, name)), (address, name))
        if other != address:
            problems.append(_problem(address, name, other, other_name))
    return problems


def _problem(address: str, name: str, other: str, other_name: str) -> Problem:
    same = (
        f"the name {name!r}" if name == other_name else f"{name!r} and {other_name!r}, which the service takes as one"
    )
    message = f"{address} and {other} get {same}."
    hint = "Give one of them another value of a variable that the pattern holds, or a pattern of its own."
    return Problem("NAME-COLLISION", message, address=address, hint=hint)
