"""Names read, explained and mended: what a name means, why it is what it is, and which one would be valid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dpn import flow, guard, named, namers, naming, references
from dpn.api.names import kind_of
from dpn.api.reads import blueprint_here
from dpn.blueprint import Blueprint, Item
from dpn.desk import Desk, Options, errors_in
from dpn.errors import InputError, Problem
from dpn.model import Record
from dpn.naming import Namer
from dpn.naming.explaining import Explanation, parts, whole
from dpn.naming.reading import MOST, Reader, Readings
from dpn.naming.values import Origin, Value
from dpn.paths import follow
from dpn.provider import KindInfo
from dpn.world import World


def parse_name(options: Options, kind: str, name: str, world: World | None = None, *, most: int = MOST) -> Readings:
    """Read a name backwards: give all values that make it, `most` readings at most.

    Raises InputError if the naming files or the kind's pattern have problems.
    """
    desk = Desk(options, world)
    info = kind_of(desk, kind)
    namer = namers.namer(desk, {kind: info}, namers.chosen_environment(desk, None))
    if problems := errors_in([*desk.problems, *namer.problems]):
        raise InputError(f"Names of {kind} cannot be read.", problems=problems)
    if namer.pattern(kind) is None:
        raise InputError(namers.nameless(info), hint="Only names that a pattern makes can be read.")
    reader = Reader(namer.ready(kind), namer.forms(kind), namer.closed)
    return reader.readings(info.name_rule.canonical(name), most)


def suggest_name(options: Options, kind: str, name: str, world: World | None = None) -> str | None:
    """Give the valid name that is nearest: the name itself if it is valid, None if none is near."""
    rule = kind_of(Desk(options, world), kind).name_rule
    return naming.nearest(rule, name) if naming.check(rule, name) else name


def explain_name(options: Options, target: str, world: World | None = None) -> list[Explanation]:
    """Explain a name, or the name of an address: of the blueprint here, else of what the states have recorded.

    InputError if neither knows it, or if the name cannot be made.
    """
    desk = Desk(options, world)
    if broken := errors_in(desk.problems):
        raise InputError("The naming files are not valid.", problems=broken)
    found: list[Explanation] = []
    if (options.file or not options.stack) and (loaded := blueprint_here(desk)):
        found = list(_of_blueprint(desk, loaded, target))
    found = found or list(_of_records(desk, target))
    if not found:
        what = "address" if _is_address(target) else "name"
        hint = "See: dpn state list" if what == "address" else f"To read it by a pattern: dpn name parse KIND {target}"
        raise InputError(f"Neither the blueprint here nor a state has the {what} {target!r}.", hint=hint)
    return found


def _is_address(target: str) -> bool:
    return re.fullmatch(references.ADDRESS, target) is not None


def _is_meant(target: str, address: str, name: str | None) -> bool:
    """Tell whether a target is a name, an address, or the address of all that a for_each makes."""
    return target in (name, address, address.partition("[")[0])


def _of_blueprint(desk: Desk, loaded: Blueprint, target: str) -> Iterator[Explanation]:
    loaded, outside = named.within(desk, loaded)
    if any(_is_meant(target, address, None) for address in outside):
        raise InputError(f"{target} is outside of the scope.", hint="What is left out of the scope gets no name.")
    kinds = {kind: desk.plugins.kinds[kind] for kind in loaded.kinds() if kind in desk.plugins.kinds}
    namer = namers.namer(desk, kinds, loaded.environment, loaded)
    made, problems = named.resources(desk, loaded)
    names = {one.address: one.name for one in made}
    for item in loaded.items:
        if not _is_meant(target, item.address, names.get(item.address)) or item.kind not in kinds:
            continue
        if broken := errors_in(loaded.locate(one) for one in problems if one.address in (None, item.address)):
            raise InputError(f"{item.address} has no name.", problems=broken)
        values, _ = namer.values(item.kind, alias=item.provider, naming=item.naming)
        written = bool(item.name or kinds[item.kind].named_by)
        placed = {name: _placed(value, name, item, loaded) for name, value in values.items()}
        explained = _explained(namer, kinds[item.kind], names[item.address], {} if written else placed, item.spec)
        if written:
            note = "The blueprint itself says this name; no pattern made it."
            explained = replace(explained, pattern="", place=None, note=note)
        yield replace(explained, address=item.address)


def _placed(value: Value, name: str, item: Item, loaded: Blueprint) -> Value:
    """Add where the resource itself sets a value; what for_each or an overlay sets stands elsewhere."""
    path = (*item.path, "naming", name)
    if value.origin.layer != "naming" or follow(loaded.document.data, path)[1] < len(path):
        return value
    return replace(value, origin=replace(value.origin, locate=partial(loaded.document.place, path)))


def _of_records(desk: Desk, target: str) -> Iterator[Explanation]:
    for stack in [desk.options.stack] if desk.options.stack else desk.backend().stacks():
        for address, record in flow.standing(desk.backend().read(stack)).items():
            if _is_meant(target, address, record.name):
                desk.load_plugins([record.kind])
                guard.known_kinds([record], desk.plugins.kinds)
                yield replace(_of_record(desk, record, stack), address=address)


def _of_record(desk: Desk, record: Record, stack: str) -> Explanation:
    """Explain a name by the values that were recorded with it, and by the pattern of today."""
    info = desk.plugins.kinds[record.kind]
    environment = record.naming.get("environment") or namers.chosen_environment(desk, None)
    namer = namers.namer(desk, {record.kind: info}, environment)
    origin = Origin("recorded", f"recorded in the state of {stack}")
    values = {name: Value(text, origin) for name, text in record.naming.items()}
    return _explained(namer, info, record.name, values, record.spec)


def _explained(
    namer: Namer, info: KindInfo, name: str, values: Mapping[str, Value], spec: Mapping[str, Any]
) -> Explanation:  # fmt: skip
    source = namer.source(info.kind)
    bare = Explanation(name, info.kind, info.name_rule, None, source.text, source.place, source.convention)
    pattern = namer.pattern(info.kind)
    if pattern is None or not values or pattern.missing(values):
        return bare
    ready, suffix = namer.ready(info.kind), info.name_rule.asked_suffix(spec)
    would, problems = namer.render(info.kind, values, suffix)
    if problems or would is None:
        return replace(bare, note=f"Today's convention gives no name: {'; '.join(map(_said, problems))}")
    note = "" if would == name else f"Today's convention would give {would}; the name was made otherwise, or before."
    taken = parts(ready, values, suffix)
    return replace(bare, parts=taken, changes=whole(ready, would, taken), note=note)


def _said(problem: Problem) -> str:
    return problem.message
