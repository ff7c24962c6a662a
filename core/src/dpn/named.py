"""Items to resources: values of other stacks are put in, then each gets its name, its region and its values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from dpn import blueprint, guard, handover, namers, naming, plugins, resolve, select
from dpn.desk import Desk
from dpn.errors import Problem
from dpn.model import Record, Resource, StackVersion
from dpn.provider import KindInfo
from dpn.scope import split


def scope_of(desk: Desk, scope: blueprint.Scope) -> blueprint.Scope:
    """Give the blueprint's scope as the command line narrows it."""
    return scope.narrowed(desk.options.includes, desk.options.excludes)


def idle(desk: Desk, loaded: blueprint.Blueprint) -> tuple[tuple[str, Problem], ...]:
    """Give the wildcards of the whole scope that nothing in the blueprint is like, with what to say of them."""
    if not scope_of(desk, loaded.scope):
        return ()
    things = {(item.kind, item.address) for item in loaded.items}
    found = select.unmatched(loaded.scope, desk.options.includes, desk.options.excludes, things)
    return tuple((glob, loaded.locate(problem)) for glob, problem in found)


def within(desk: Desk, loaded: blueprint.Blueprint) -> tuple[blueprint.Blueprint, tuple[str, ...]]:
    """Load the plugins of what the scope covers and of what that needs; take the rest out, and give its addresses.

    What exists already stays where its kind can be looked for: things that the state has may stand in it.
    """
    scope = scope_of(desk, loaded.scope)
    if not scope:
        desk.load_plugins(loaded.kinds(), loaded.secret_schemes())
        return loaded, ()
    inside, spare, outside = split(loaded.items, scope)
    smaller = replace(loaded, items=tuple(inside))
    kinds = desk.load_plugins(smaller.kinds(), smaller.secret_schemes()).kinds
    here = {*desk.plugins.providers, *plugins.installed("providers")} if spare else set()
    desk.load_plugins(item.kind for item in spare if item.kind.partition("_")[0] in here)
    found = [item for item in spare if item.kind in kinds and kinds[item.kind].provisions]
    kept = {item.address for item in (*inside, *found)}
    left = tuple(item.address for item in (*spare, *outside) if item.address not in kept)
    return replace(loaded, items=tuple(item for item in loaded.items if item.address in kept)), left


def with_other_stacks(
    desk: Desk, loaded: blueprint.Blueprint, *, local: bool = False
) -> tuple[blueprint.Blueprint, tuple[StackVersion, ...], list[Problem]]:
    """Put in what `${stack:KEY#address}` stands for; each of these stacks is read once, and only read.

    With `local` only the state in files is read, and what stands elsewhere is left to a later plan, with a warning.
    """
    text = loaded.document.text
    if "stack:" not in text and "\\" not in text:  # one look spares a walk over all values
        return loaded, (), []
    from dpn import stackrefs  # noqa: PLC0415 - most blueprints name no other stack; 1.3 ms

    found = list(stackrefs.asked(loaded.items, desk.plugins.kinds))
    keys = sorted({one.stack for one in found} - {loaded.key})
    if local and keys and not desk.keeps_files(loaded.state):
        return loaded, (), [_later(", ".join(keys))]
    backend = desk.backend(loaded.state) if keys else None
    snapshots = {key: backend.read(key) for key in keys} if backend else {}
    desk.load_plugins(stackrefs.kinds_of(found))
    there = tuple(backend.stacks()) if backend and any(not one.lineage for one in snapshots.values()) else ()
    others = stackrefs.Others(loaded.key, snapshots, there, desk.plugins.kinds)
    items, problems = others.put_in(loaded.items, found)
    versions = tuple(StackVersion(key, one.lineage, one.serial) for key, one in snapshots.items())
    return replace(loaded, items=items), versions, problems


def _later(keys: str) -> Problem:
    return Problem(
        "STACK-LATER", f"The state is not in files, so it was not looked at what is in {keys}.",
        hint="dpn plan --offline looks.", severity="warning",
    )  # fmt: skip


def resources(desk: Desk, loaded: blueprint.Blueprint) -> tuple[tuple[Resource, ...], list[Problem]]:
    """Give each item its name and make it a resource; what has no sound name goes on under its address."""
    kinds = {kind: desk.plugins.kinds[kind] for kind in loaded.kinds() if kind in desk.plugins.kinds}
    names = namers.namer(desk, kinds, loaded.environment, loaded)
    _, unset = namers.regions(desk, loaded.providers)
    problems, doubts = [*names.problems, *unset], naming.Doubts(names)
    out: list[Resource] = []
    for item in loaded.items:
        if item.kind not in kinds:
            problems.append(guard.unknown_kind(item.kind, item.address, desk.plugins.kinds))
            continue
        info = kinds[item.kind]
        named, found = _name(item, info, names)
        problems += [one for one in found if not (unset and one.code == "NAME-REGION")]
        problems += doubts.about(item.kind, named, item.address) if named else []
        out.append(_resource(desk, loaded, item, names, named))
    return tuple(out), problems


def _name(item: blueprint.Item, info: KindInfo, names: naming.Namer) -> tuple[naming.Named | None, list[Problem]]:
    """Give the name of an item, and all that is wrong with it."""
    literal, problems = _literal(item, info)
    referring = list(_referring(item))
    alias = item.provider or info.provider
    named, found = names.name(
        item.kind, address=item.address, alias=alias, naming=item.naming, literal=literal, spec=item.spec
    )
    if referring:  # what is wrong with such a name as it stands would only mislead
        found = [one for one in found if one.code in ("NAME-MISSING", "NAME-REGION")]
    found = [replace(one, field=f"spec.{info.named_by}") for one in found] if info.named_by else found
    return named, [*problems, *referring, *found]


def _resource(
    desk: Desk, loaded: blueprint.Blueprint, item: blueprint.Item, names: naming.Namer, named: naming.Named | None
) -> Resource:  # fmt: skip
    """Make an item a resource; without a name it has its address as one."""
    info = desk.plugins.kinds[item.kind]
    values, _ = names.values(item.kind, alias=item.provider or info.provider, naming=item.naming)
    plain = {key: value.text for key, value in values.items()}
    name, region = (named.name, named.region) if named else (item.address, None)
    placed = region if namers.has_regions(desk.plugins.providers[info.provider]) else None
    return resolve.resource(item, info, name or item.address, plain, placed, loaded.default_tags)


def _literal(item: blueprint.Item, info: KindInfo) -> tuple[str | None, list[Problem]]:
    """Give the name that the blueprint itself says, and what is wrong with saying one."""
    if not info.named_by:
        return item.name or (item.cloud_id if item.existing else None), []
    value = item.spec.get(info.named_by)
    said = "name" if item.name else "naming" if item.naming and item.key is None else ""  # for_each joins the naming
    if said:
        return item.name, [Problem("NAME-NONE", namers.nameless(info), item.address, said, hint=f"Remove the {said}.")]
    if isinstance(value, str) and "${" in value:
        message = f"{info.named_by} names this {info.kind}, so it must be known before anything is made."
        hint = "Write it out, without a reference."
        return None, [Problem("NAME-REFERENCE", message, item.address, f"spec.{info.named_by}", hint=hint)]
    return (value if isinstance(value, str) else None), []  # what is missing or no text, the schema refuses


def _referring(item: blueprint.Item) -> Iterator[Problem]:
    """Yield where a reference stands in what a name is made of."""
    given = {"name": item.name, **{f"naming.{key}": value for key, value in item.naming.items()}}
    for field, value in given.items():
        if isinstance(value, str) and "${" in value:
            message = "A name must be known before anything is made: no reference can stand here."
            yield Problem("NAME-REFERENCE", message, item.address, field, hint="Write it out.")


def with_scopes(
    things: Iterable[Resource | Record], kinds: Mapping[str, KindInfo]
) -> list[tuple[str, KindInfo, str, str]]:
    """Give address, kind, name and the scope in which the name must be unique."""
    return [
        (thing.address, kinds[thing.kind], thing.name, handover.scope_of(thing, kinds[thing.kind])) for thing in things
    ]


def clashes(
    wanted: Mapping[str, Resource], records: Mapping[str, Record], kinds: Mapping[str, KindInfo],
    kept: Collection[str], outside: Collection[str],
) -> list[Problem]:  # fmt: skip
    """Give what is wanted and would have the name of another, once names are kept and the state counts.

    Two that are only in the state are no choice of this plan. kept: what keeps its name. outside: what is left out.
    """
    there = {address: record for address, record in records.items() if address not in wanted}

    def way_out(address: str, other: str) -> str:
        for one in (address, other):
            if one in outside:
                return f"{one} is left out: take it into the scope, so that both are planned together."
            if one in there:
                return f'{one} is only in the state: give the other "was" with that address, or delete it first.'
            if one in kept:
                return f"{one} keeps that name: give the other one other naming values. See: dpn name migrate --dry-run"
        return naming.HINT

    return naming.collisions(with_scopes([*wanted.values(), *there.values()], kinds), there, way_out)
