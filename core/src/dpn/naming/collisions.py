"""Two addresses must not get one name: where the cloud keeps names unique, and in one stack where it does not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from dpn.errors import Problem
from dpn.handover import compared
from dpn.provider import KindInfo, NameRule

HINT = "Give one of them another value of a variable that the pattern holds, or a pattern of its own."


def collisions(
    named: Iterable[tuple[str, KindInfo, str, str]],
    there: Collection[str] = (),
    hint: Callable[[str, str], str] = lambda _, __: HINT,
) -> list[Problem]:
    """Give a problem for each address whose name another address has already.

    named: address, kind, name and scope: the account, workspace or parent's address within which the kind's names are
    unique; the alias for kinds whose names are no identity. Names are compared as the service compares them. there:
    addresses that nobody asks for, of which two may have one name. hint: says of two addresses what can be done.
    """
    first: dict[tuple[str, str, str], tuple[str, str]] = {}
    problems = []
    for address, info, name, scope in sorted(named, key=lambda entry: (entry[0] in there, entry[0])):
        if not name:
            continue
        other, other_name = first.setdefault((info.kind, scope, compared(info.name_rule, name)), (address, name))
        if other != address and not {address, other} <= {*there}:
            found = _problem(info.name_rule, (address, name), (other, other_name))
            problems.append(replace(found, hint=hint(address, other)))
    return problems


def _problem(rule: NameRule, one: tuple[str, str], two: tuple[str, str]) -> Problem:
    (address, name), (other, other_name) = one, two
    same = (
        f"the name {name!r}" if name == other_name else f"{name!r} and {other_name!r}, which the service takes as one"
    )
    message = f"{address} and {other} get {same}."
    if rule.unique == "none":
        message += " The cloud would keep both, and nobody could tell them apart."
    return Problem("NAME-COLLISION", message, address=address)
