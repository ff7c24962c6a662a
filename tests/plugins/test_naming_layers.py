"""Six layers decide a value, in one order, for every kind of every installed provider."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dpn import api, plugins
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.provider import KindInfo
from dpn.world import World

PROVIDERS = ("aws", "azure", "databricks", "gcp", "snowflake")
LOADED = plugins.load(f"{name}_" for name in PROVIDERS)
CODES = {name: provider.region_codes for name, provider in LOADED.providers.items()}
LAYERS = ("defaults", "environments", "resource_types", "metadata", "naming", "override")
WORDS = dict(zip(LAYERS, ("lda", "lea", "lta", "lma", "lna", "loa"), strict=True))
CHOSEN = frozenset(("environment", "region"))  # decided once for a run, or by a table of codes
FORMS = {"zone": "{}1-az1"}  # the one variable whose values have a form: the zone of a directory bucket


def kinds() -> Iterator[tuple[str, str]]:
    """Give each kind that has names, with each variable of its pattern that the layers decide alone."""
    for kind, info in sorted(LOADED.kinds.items()):
        for variable in re.findall(r"{([a-z_]+)", info.default_pattern):
            if variable not in CHOSEN:
                yield kind, variable


def usual(info: KindInfo, but: str) -> dict[str, str]:
    """Give a value for all other variables, and a region that has a code."""
    codes = CODES[info.provider] or CODES["aws"]
    return {
        name: next(iter(codes)) if name == "region" else FORMS.get(name, "{}").format("ab")
        for name in re.findall(r"{([a-z_]+)", info.default_pattern)
        if name not in (but, "environment")
    }


def name_of(info: KindInfo, variable: str, layers: tuple[str, ...]) -> str:
    """Give the name when some layers set the variable, each to a word of its own."""
    said = {layer: {variable: FORMS.get(variable, "{}").format(WORDS[layer])} for layer in layers}
    values = {
        "defaults": {**usual(info, variable), **said.get("defaults", {})},
        "environments": {"dev": said.get("environments", {}), "prd": {variable: "xxx"}},
        "resource_types": {f"{info.provider}_*": said.get("resource_types", {}), "mem_*": {variable: "xxx"}},
    }
    namer = Namer(
        NamingFiles(parse(json.dumps(values), "naming-values.json", "json")),
        kinds={info.kind: info},
        environment="dev",
        metadata=said.get("metadata", {}),
        overrides=said.get("override", {}),
        region_codes=CODES,
    )
    named, problems = namer.name(info.kind, naming=said.get("naming", {}))
    assert (namer.problems, problems) == ((), [])
    assert named
    return named.name


@pytest.mark.parametrize(("kind", "variable"), list(kinds()))
def test_each_layer_wins_over_all_below_it_for_every_kind(kind: str, variable: str) -> None:
    info = LOADED.kinds[kind]
    alone = [name_of(info, variable, (layer,)) for layer in LAYERS]
    assert len({name.lower() for name in alone}) == len(LAYERS)
    assert [name_of(info, variable, LAYERS[: count + 1]) for count in range(len(LAYERS))] == alone
    assert all(WORDS[layer] in name.lower() for layer, name in zip(LAYERS, alone, strict=True))


def test_every_provider_has_kinds_among_them() -> None:
    assert {kind.partition("_")[0] for kind, _ in kinds()} == set(PROVIDERS)


# through the doors --------------------------------------------------------------------------------------------------

VALUES: Mapping[str, Mapping[str, Any]] = {
    "defaults": {"defaults": {"team": "lda"}},
    "environments": {"environments": {"dev": {"team": "lea"}}},
    "resource_types": {"resource_types": {"aws_*": {"team": "lta"}, "databricks_*": {"team": "lta"}}},
}
PATTERNS = {"patterns": {"aws_s3_bucket": "{team}-x-{environment}", "databricks_cluster": "{team}-y-{environment}"}}


def blueprint(folder: Path, layers: tuple[str, ...]) -> Path:
    """Write a blueprint and naming files in which some layers set the team."""
    (folder / ".dpn").mkdir()
    values: dict[str, Any] = {}
    for layer in layers:
        values |= VALUES.get(layer, {})
    (folder / ".dpn" / "naming-values.json").write_text(json.dumps(values))
    (folder / ".dpn" / "naming-patterns.json").write_text(json.dumps(PATTERNS))
    body: dict[str, Any] = {"naming": {"team": "lna"}} if "naming" in layers else {}
    metadata = {"environment": "dev", **({"team": "lma"} if "metadata" in layers else {})}
    resources = {"aws_s3_bucket": {"b": body}, "databricks_cluster": {"c": {**body, "spec": {"num_workers": 1}}}}
    path = folder / "blueprint.json"
    path.write_text(json.dumps({"version": "1", "metadata": metadata, "resources": resources}))
    return path


@pytest.mark.parametrize("count", range(1, len(LAYERS) + 1))
def test_names_and_tags_of_a_blueprint_follow_the_layers(tmp_path: Path, count: int) -> None:
    layers = LAYERS[:count]
    overrides = {"team": "loa"} if "override" in layers else {}
    options = api.Options(file=blueprint(tmp_path, layers), overrides=overrides)
    found = api.validate(options, World(env={"DPN_HOME": str(tmp_path / "home")}, cwd=tmp_path))
    word = WORDS[layers[-1]]
    assert {resource.kind: resource.name for resource in found.resources} == {
        "aws_s3_bucket": f"{word}-x-dev",
        "databricks_cluster": f"{word}-y-dev",
    }
    bucket: Mapping[str, Any] = next(one.spec for one in found.resources if one.kind == "aws_s3_bucket")
    assert bucket["tags"]["team"] == word
