"""Items to resources: each gets its name, its region and its values from the layers and the patterns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dpn import blueprint, guard, naming, resolve
from dpn.desk import Desk
from dpn.errors import Problem
from dpn.model import Record, Resource
from dpn.provider import KindInfo


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
    providers = loaded.providers if loaded else {}
    return naming.Namer(
        desk.naming_files, kinds=kinds, environment=environment, metadata=loaded.metadata if loaded else {},
        overrides=desk.options.overrides, conventions=desk.plugins.conventions(), transforms=desk.plugins.transforms(),
        regions={alias: str(values["region"]) for alias, values in providers.items() if values.get("region")},
        region_codes={name: provider.region_codes for name, provider in desk.plugins.providers.items()},
        custom=desk.plugins.name,
        metadata_places=(lambda key: loaded.document.place(("metadata", key))) if loaded else None,
        region_places=(lambda alias: loaded.document.place(("providers", alias, "region"))) if loaded else None,
    )  # fmt: skip


def resources(desk: Desk, loaded: blueprint.Blueprint) -> tuple[tuple[Resource, ...], list[Problem]]:
    """Give each item its name and make it a resource; what has no sound name goes on under its address."""
    kinds = {kind: desk.plugins.kinds[kind] for kind in loaded.kinds() if kind in desk.plugins.kinds}
    names = namer(desk, kinds, loaded.environment, loaded)
    problems = list(names.problems)
    out: list[Resource] = []
    for item in loaded.items:
        if item.kind not in kinds:
            problems.append(guard.unknown_kind(item.kind, item.address, desk.plugins.kinds))
            continue
        alias = item.provider or kinds[item.kind].provider
        literal = item.name or (item.cloud_id if item.existing else None)
        named, found = names.name(item.kind, address=item.address, alias=alias, naming=item.naming, literal=literal)
        problems += found
        values, _ = names.values(item.kind, alias=alias, naming=item.naming)
        plain = {key: value.text for key, value in values.items()}
        name, region = (named.name, named.region) if named else (item.address, None)
        out.append(resolve.resource(item, kinds[item.kind], name, plain, region, loaded.default_tags))
    return tuple(out), problems


def with_scopes(
    things: Iterable[Resource | Record], kinds: Mapping[str, KindInfo]
) -> list[tuple[str, KindInfo, str, str]]:
    """Give address, kind, name and the scope in which the name must be unique."""
    return [
        (thing.address, kinds[thing.kind], thing.name, guard.scope_of(thing, kinds[thing.kind])) for thing in things
    ]
