"""Items to resources: values of other stacks are put in, then each gets its name, its region and its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dpn import blueprint, guard, naming, plugins, resolve, select
from dpn.desk import Desk
from dpn.errors import Problem
from dpn.model import Record, Resource, StackVersion
from dpn.provider import KindInfo, Provider
from dpn.scope import split


def chosen_environment(desk: Desk, document: Any) -> str:
    """Choose the environment: flag, `DPN_ENVIRONMENT`, the blueprint's metadata, the values file."""
    return (
        desk.options.environment
        or desk.world.env.get("DPN_ENVIRONMENT")
        or (blueprint.environment_of(document) if document else None)
        or naming.default_environment(desk.naming_files)
    )


def namer(
    desk: Desk, kinds: Mapping[str, KindInfo], environment: str, loaded: blueprint.Blueprint | None = None
) -> naming.Namer:
    """Build the namer from the naming files, the plugins and, if there is one, the blueprint."""
    shipped = {name: provider.region_codes for name, provider in desk.plugins.providers.items()}
    names = _namer(desk, kinds, environment, loaded, shipped)
    if any(_asks_for_code(names, kind) for kind, info in kinds.items() if not shipped[info.provider]):
        names = _namer(desk, kinds, environment, loaded, {**_installed_codes(), **shipped})
    return names


def _asks_for_code(names: naming.Namer, kind: str) -> bool:
    pattern = names.pattern(kind)
    return pattern is not None and any(one.name == "region" and not one.full for one in pattern.tokens)


def _installed_codes() -> dict[str, Mapping[str, str]]:
    """Give the codes of all providers that are installed: one that ships none runs on the clouds of others.

    They are loaded apart, because none of them takes part in the run.
    """
    others = plugins.load(f"{name}_" for name in plugins.installed("providers"))
    return {name: provider.region_codes for name, provider in others.providers.items()}


def _namer(
    desk: Desk,
    kinds: Mapping[str, KindInfo],
    environment: str,
    loaded: blueprint.Blueprint | None,
    region_codes: Mapping[str, Mapping[str, str]],
) -> naming.Namer:
    providers = loaded.providers if loaded else {}
    named_by = desk.plugins.askers("dpn_name")
    return naming.Namer(
        desk.naming_files, kinds=kinds, environment=environment, metadata=loaded.metadata if loaded else {},
        overrides=desk.options.overrides, conventions=desk.plugins.conventions(), transforms=desk.plugins.transforms(),
        regions={alias: str(values["region"]) for alias, values in providers.items() if values.get("region")},
        region_codes=region_codes, custom=desk.plugins.name if named_by else None, custom_by=named_by,
        metadata_places=(lambda key: loaded.document.place(("metadata", key))) if loaded else None,
        region_places=(lambda alias: loaded.document.place(("providers", alias, "region"))) if loaded else None,
    )  # fmt: skip


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
    names = namer(desk, kinds, loaded.environment, loaded)
    problems, doubts = list(names.problems), naming.Doubts(names)
    out: list[Resource] = []
    for item in loaded.items:
        if item.kind not in kinds:
            problems.append(guard.unknown_kind(item.kind, item.address, desk.plugins.kinds))
            continue
        info = kinds[item.kind]
        alias = item.provider or info.provider
        literal, found = _literal(item, info)
        problems += found
        named, found = names.name(item.kind, address=item.address, alias=alias, naming=item.naming, literal=literal)
        problems += [replace(one, field=f"spec.{info.named_by}") for one in found] if info.named_by else found
        problems += doubts.about(item.kind, named, item.address) if named else []
        values, _ = names.values(item.kind, alias=alias, naming=item.naming)
        plain = {key: value.text for key, value in values.items()}
        name, region = (named.name, named.region) if named else (item.address, None)
        placed = region if has_regions(desk.plugins.providers[info.provider]) else None
        out.append(resolve.resource(item, info, name or item.address, plain, placed, loaded.default_tags))
    return tuple(out), problems


def has_regions(provider: Provider) -> bool:
    """Tell whether a provider places things by region: not if its settings are closed and have none."""
    schema = provider.config_schema
    return "region" in schema.get("properties", {}) or schema.get("additionalProperties") is not False


def _literal(item: blueprint.Item, info: KindInfo) -> tuple[str | None, list[Problem]]:
    """Give the name that the blueprint itself says, and what is wrong with saying one."""
    if not info.named_by:
        return item.name or (item.cloud_id if item.existing else None), []
    value = item.spec.get(info.named_by)
    said = "name" if item.name else "naming" if item.naming and item.key is None else ""  # for_each joins the naming
    if said:
        return item.name, [Problem("NAME-NONE", nameless(info), item.address, said, hint=f"Remove the {said}.")]
    if isinstance(value, str) and "${" in value:
        message = f"{info.named_by} names this {info.kind}, so it must be known before anything is made."
        hint = "Write it out, without a reference."
        return None, [Problem("NAME-REFERENCE", message, item.address, f"spec.{info.named_by}", hint=hint)]
    return (value if isinstance(value, str) else None), []  # what is missing or no text, the schema refuses


def nameless(info: KindInfo) -> str:
    """Say why a kind takes no name."""
    return f"{info.kind} has no name of its own: its {info.named_by} is what it is known by."


def with_scopes(
    things: Iterable[Resource | Record], kinds: Mapping[str, KindInfo]
) -> list[tuple[str, KindInfo, str, str]]:
    """Give address, kind, name and the scope in which the name must be unique."""
    return [
        (thing.address, kinds[thing.kind], thing.name, guard.scope_of(thing, kinds[thing.kind])) for thing in things
    ]
