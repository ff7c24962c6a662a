"""Whether the data on a kind's class is well formed: each function yields what is wrong, in one sentence each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from dpn.name_rule import WORLDWIDE
from dpn.naming import check
from dpn.naming.convention import style
from dpn.naming.settings import Settings
from dpn.naming.vocabulary import declared
from dpn.provider import KindInfo
from dpn.schemas import violations

_KIND = re.compile(r"[a-z][a-z0-9]*_[a-z][a-z0-9_]*", re.ASCII)
_CONTROLS = ("\x00", "\t", "\n", "\r", "\x7f", "\u200b")


def naming(info: KindInfo) -> Iterator[str]:
    """Judge what the kind is called and how its names are made."""
    if not _KIND.fullmatch(info.kind):
        yield f"{info.kind!r} is not PROVIDER_THING in small letters, digits and underscores"
    yield from (f"variable {name!r} has no description" for name, one in info.variables.items() if not one.doc)
    forms = declared(None, info.variables)
    yield from (f"default_pattern: {problem}" for problem in style(Settings(), info, (), {}, forms).problems)


def name_rule(info: KindInfo, name: str) -> Iterator[str]:
    """Hold the rule against its own examples, a sound name if one is known, and what no service takes."""
    rule = info.name_rule
    if rule.suffix_field and (not rule.suffix or (name and check(rule, f"{name}{rule.suffix}"))):
        yield f"{rule.suffix_field!r} asks for the first ending of allow_suffix, which is not there or not accepted"
    for good in filter(None, (name, *rule.good)):
        yield from (f"{good!r} is refused: {problem}" for problem in check(rule, good))
        if rule.canonical(rule.canonical(good)) != rule.canonical(good):
            yield f"{good!r} folds to something that folds again"
    long = name + name[-1:] * (rule.max + 1 - len(name))
    for bad in (*rule.bad, "", long, *(f"{name[:1]}{control}{name[1:]}" for control in _CONTROLS), f"{name}\n"):
        if not check(rule, bad):
            yield f"{bad!r} is accepted"


def schema(info: KindInfo) -> Iterator[str]:
    """Judge the schema itself: valid, closed, described, with defaults that it accepts."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(info.schema)
    except SchemaError as error:
        yield f"it is no JSON Schema (2020-12): {error.message}"
        return
    if info.schema.get("type") != "object" or info.schema.get("additionalProperties") is not False:
        yield 'it must say "type": "object" and "additionalProperties": false, so that a mistyped key is found'
    yield from _members(info.schema, "")


def _members(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in schema.get("properties", {}).items():
        where = f"{path}{name}"
        if not member.get("description"):
            yield f"{where} has no description"
        if "default" in member:
            yield from (f"the default of {where}: {wrong.message}" for wrong in violations(member["default"], member))
        yield from _members(member, f"{where}.")
        yield from _members(member.get("items", {}), f"{where}[].")


def places(info: KindInfo) -> Iterator[str]:
    """Find fields that no call sets, or two, and names that the schema does not have."""
    fields = set(info.schema.get("properties", {}))
    inside = [name for part in info.parts for name in part.fields]
    parent = {info.parent} if info.parent else set()
    count = Counter([*inside, *info.immutable, *(info.computed & fields), *parent])
    for name in sorted(fields | set(count)):
        if name not in fields:
            yield f"{name!r} is no field of the schema"
        elif count[name] != 1:
            places = f"in {count[name]} places" if count[name] else "nowhere"
            yield f"{name!r} is {places}; it must be in one part, or in immutable, computed, or be the parent field"
    for known in ("unordered", "folded"):
        yield from (f"{name!r} in {known} is no field of the schema" for name in sorted(getattr(info, known) - fields))
    yield from (f"part {part.name!r} has no fields" for part in info.parts if not part.fields)
    twice = [name for name, number in Counter(part.name for part in info.parts).items() if number > 1]
    yield from (f"two parts are called {name!r}" for name in twice)


def methods(info: KindInfo) -> Iterator[str]:
    """Hold what the data promises against the methods that there are."""
    promised = {
        "rename": info.rename_how == "in_place",
        "mark": info.marker != "none",
        "list": info.lists != "none",
    }
    for name, said in promised.items():
        if said != (name in info.has):
            yield f"{name} is {'promised by the data but missing' if said else 'there but the data denies it'}"
    yield from _shared(info)
    if "available" in info.has and (info.parent or info.name_rule.unique not in WORLDWIDE):
        yield "available is for names that all the world shares (unique: global or partition), and takes no parent"
    if ("archive" in info.has) != ("restore" in info.has):
        yield "archive and restore belong together"
    if info.settle < 0 or info.deadline <= 0:
        yield "settle must be at least 0 and deadline more than 0 seconds"


def _shared(info: KindInfo) -> Iterator[str]:
    members = info.schema.get("properties", {})
    if info.named_by and info.named_by not in info.immutable & set(info.schema.get("required", ())):
        yield f"named_by {info.named_by!r} must be required and immutable: who has another name is another thing"
    if bool(info.named_by) == bool(info.default_pattern):
        yield "a kind has either a default_pattern or, in named_by, the field that names it"
    if info.ownership == "shared" and len(info.parts) != 1:
        yield "a shared kind has one part: a share is added and taken away by one call"
    for name in (name for part in info.parts for name in part.fields) if info.ownership == "shared" else ():
        if members.get(name, {}).get("type") != "array" or name not in info.unordered:
            yield f"{name!r} of a shared kind must be an array in `unordered`: shares are sets"


def sample(info: KindInfo, spec: Mapping[str, Any], changed: Mapping[str, Any]) -> Iterator[str]:
    """Judge a sample: valid before and after, and the change touches every part and nothing else."""
    for title, value in (("spec", spec), ("changed", changed)):
        yield from (
            f"{title}: {'.'.join(map(str, wrong.path))}: {wrong.message}" for wrong in violations(value, info.schema)
        )
    if not violations({**spec, "no_such_key": 1}, info.schema):
        yield "the schema accepts a key that it does not know"
    differ = {name for name in {*spec, *changed} if spec.get(name) != changed.get(name)}
    for part in info.parts:
        if not differ & set(part.fields):
            yield f"changed must change the part {part.name!r} ({', '.join(part.fields)}), else its put is not tested"
    for name in sorted(differ - {name for part in info.parts for name in part.fields}):
        yield f"changed must leave {name!r} as it is: no put sets it"


def faults(info: KindInfo) -> Iterator[str]:
    """Yield what is wrong with the data of a kind that is provisioned, whatever its service."""
    for judge in (schema, places, methods):
        yield from (f"{info.kind}: {wrong}" for wrong in judge(info))
