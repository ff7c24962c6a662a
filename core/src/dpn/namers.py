"""What makes names for a run: the environment, the naming files, the plugins, and the regions of the aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn import blueprint, naming, plugins
from dpn.desk import Desk
from dpn.errors import InputError, Problem
from dpn.hidden import Hidden
from dpn.paths import dotted
from dpn.provider import KindInfo, Provider
from dpn.settings import filled, misplaced


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
        regions=regions(desk, providers)[0], region_codes=region_codes,
        custom=desk.plugins.name if named_by else None, custom_by=named_by,
        metadata_places=(lambda key: loaded.document.place(("metadata", key))) if loaded else None,
        region_places=(lambda alias: loaded.document.place(("providers", alias, "region"))) if loaded else None,
    )  # fmt: skip


def regions(desk: Desk, providers: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, str], list[Problem]]:
    """Give the region that each alias sets, also out of the environment: it is part of names. What it is, is no secret.

    What else may not stand there is said where all settings are checked.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for alias, values in providers.items():
        region = {"region": values.get("region")}
        if not values.get("region") or any(misplaced(region)):
            continue
        try:
            found[alias] = str(filled(region, desk.world.env, Hidden(), "The region")["region"])
        except InputError as error:
            field = dotted(("providers", alias, "region"))
            problems.append(Problem("REF-ENV", error.message, field=field, hint=error.hint))
    return found, problems


def has_regions(provider: Provider) -> bool:
    """Tell whether a provider places things by region: not if its settings are closed and have none."""
    schema = provider.config_schema
    return "region" in schema.get("properties", {}) or schema.get("additionalProperties") is not False


def nameless(info: KindInfo) -> str:
    """Say why a kind takes no name."""
    return f"{info.kind} has no name of its own: its {info.named_by} is what it is known by."
