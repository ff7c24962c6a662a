"""What the references of a resource point at, and where none may stand: all that can be told without a cloud. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dpn import references, shares
from dpn.errors import Problem
from dpn.model import Resource
from dpn.paths import dotted, nearest
from dpn.provider import KindInfo
from dpn.references import Reference
from dpn.schemas import ARTICLES

_FORMS = frozenset({"name", "id", "full_name"})
_SUGGESTIONS = 50
_SECRET = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*:\S([^\r\n]*\S)?", re.ASCII)
_EXPECTED = "${address}, ${address.attribute}, ${stack:KEY#address}, ${env:NAME} or ${secret:SCHEME:NAME}"
_LITERAL = "Write $${ for a literal ${."


class Cited:
    """What the checks of all references share: the resources that there are, their kinds."""

    def __init__(self, known: Mapping[str, Resource], kinds: Mapping[str, KindInfo]) -> None:
        self._known, self._kinds = known, kinds
        self._secret: dict[str, set[str]] = {}
        self._suggested = 0

    def problems(self, resource: Resource) -> Iterator[Problem]:
        """Yield what is wrong with the references of one resource."""
        info = self._kinds.get(resource.kind)
        schema, sets = info.schema if info else {}, shares.fields(info) if info and info.ownership == "shared" else ()
        for path, text, field in references.texts(resource.spec, schema, ("spec",)):
            where = resource.address, dotted(path)
            if path[1] in sets and (there := references.in_text(text)):
                yield _in_set(there[0], *where)
                continue
            if references.is_open(text):
                yield Problem("REF-INVALID", "A ${ is not closed here.", *where, hint=_LITERAL)
            for one in references.in_text(text):
                if one.text.startswith("each.") or "[*]" in one.text:
                    continue  # what is left of these was reported when the blueprint was read
                yield from self._of(one, references.is_whole(text), field, *where)
        for path in references.keys(resource.spec, ("spec",)):
            message = "No reference can stand in a key."
            yield Problem("REF-KEY", message, resource.address, dotted(path), hint="Write the key out.")

    def missing(self, target: str, address: str, field: str) -> Problem:
        """Say that a target does not exist; the first fifty times with the nearest that does, as that takes time."""
        self._suggested += 1
        hint = self._suggestion(target) if self._suggested <= _SUGGESTIONS else None
        return Problem("REF-UNKNOWN", f"There is no {target} in the blueprint.", address, field, hint=hint)

    def _of(self, one: Reference, whole: bool, field: Mapping[str, Any], address: str, where: str) -> Iterator[Problem]:
        problem = _in_form(one, address, where)
        if problem:
            yield problem
        elif one.scheme == "resource" and one.target not in self._known:
            yield self.missing(one.target, address, where)
        elif one.scheme == "resource":
            yield from self._attribute(one, whole, field, address, where)
            allowed = tuple(field.get("x-dpn-ref", {}).get("kinds", ()))
            if whole and allowed and one.target.partition(".")[0] not in allowed:
                message = f"A resource of the kind {one.target.partition('.')[0]} does not belong here."
                expected = f"a reference to {' or '.join(allowed)}"
                yield Problem("REF-KIND", message, address, where, expected=expected)

    def _attribute(
        self, one: Reference, whole: bool, field: Mapping[str, Any], address: str, where: str
    ) -> Iterator[Problem]:
        target = self._known[one.target]
        info = self._kinds.get(target.kind)
        if not info or not info.provisions or one.use in _FORMS:
            return
        properties = info.schema.get("properties", {})
        attributes = {*_FORMS, *properties, *info.computed}
        if one.use not in attributes:
            near = nearest(one.use, attributes)
            hint = f"Did you mean {near}?" if near else f"Known: {', '.join(sorted(attributes))}."
            yield Problem("REF-ATTRIBUTE", f"{target.kind} has no attribute {one.use}.", address, where, hint=hint)
        elif one.use in info.sensitive or one.use in self._secrets_of(target):
            message = f"{one.use} of {one.target} is secret: it is never read back."
            hint = "Refer to the secret itself: ${env:NAME} or ${secret:SCHEME:NAME}."
            yield Problem("REF-SECRET", message, address, where, hint=hint)
            return
        have, take = _types(properties.get(one.use, {})), _types(field) if whole else {"string"}
        if not _fits(have, take):
            message = f"{one.use} of {one.target} is {_either(have)}, which does not fit here."
            yield Problem("REF-TYPE", message, address, where, expected=_either(take))

    def _secrets_of(self, target: Resource) -> set[str]:
        """Give the fields of a resource that hold a secret; many may refer to one, so it is looked at once."""
        if target.address not in self._secret:
            self._secret[target.address] = references.secret_fields(target.spec)
        return self._secret[target.address]

    def _suggestion(self, target: str) -> str | None:
        instances = sorted(address for address in self._known if address.startswith(f"{target}["))
        if instances:
            return f"It has a for_each: {', '.join(instances[:5])}, or {target}[*] for all."
        kind, _, name = target.partition(".")
        same_kind = {address.partition(".")[2]: address for address in self._known if address.startswith(f"{kind}.")}
        same_name = {address.partition(".")[0]: address for address in self._known if address.endswith(f".{name}")}
        near = same_kind.get(nearest(name, same_kind) or "") or same_name.get(nearest(kind, same_name) or "")
        return f"Did you mean {near}?" if near else "Declare it, or correct the address."


def _in_form(one: Reference, address: str, where: str) -> Problem | None:
    """Say what is wrong with a reference as it is written; one to another stack is judged where that stack is read."""
    if one.scheme == "env" and not references.is_variable(one.target):
        return Problem("REF-ENV", "This names no environment variable.", address, where, expected="${env:NAME}")
    if one.scheme == "secret" and not _SECRET.fullmatch(one.target):
        return Problem("REF-SECRET", "This names no secret.", address, where, expected="${secret:SCHEME:NAME}")
    if one.scheme == "invalid":
        return Problem("REF-INVALID", "This is no reference.", address, where, expected=_EXPECTED, hint=_LITERAL)
    return None


def _in_set(one: Reference, address: str, where: str) -> Problem:
    """Refuse a reference in what is shared: only what is known can be told from what others have there."""
    code = "REF-SECRET" if one.is_secret else "REF-SHARED"
    message = "No reference can stand here: others have a share in this, so each entry must be known to be told apart."
    return Problem(code, message, address, where, hint="Write it out.")


def _fits(have: set[str], take: set[str]) -> bool:
    """Tell whether an attribute may fit a field, as far as the schemas say; a text takes what is no list."""
    fit = take | ({"integer"} if "number" in take else set())
    fit |= {"integer", "number", "boolean"} if "string" in take else set()
    return not have or not take or bool(have & fit)


def _either(types: set[str]) -> str:
    return " or ".join(ARTICLES[name] for name in sorted(types))


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Give the types that a schema names; empty if it does not say."""
    named = schema.get("type", ())
    return {named} if isinstance(named, str) else set(named)
