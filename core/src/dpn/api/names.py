"""Naming on its own, and the naming configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dpn import config, named, naming, plugins
from dpn.desk import Desk, Options, errors_in
from dpn.disk import Disk
from dpn.errors import DpnError, InputError, Problem, RefusedError
from dpn.naming import Row
from dpn.provider import KindInfo
from dpn.world import World


def render_name(options: Options, kind: str, values: Mapping[str, str], world: World | None = None) -> str:
    """Render the name of a kind from values, which stand where a resource's `naming` stands.

    Raises InputError with all problems.
    """
    desk = Desk(options, world)
    info = _kind(desk, kind)
    if info.named_by:
        hint = f"Set spec.{info.named_by} of the resource; no convention names it."
        raise InputError(named.nameless(info), hint=hint)
    environment = values.get("environment") or named.chosen_environment(desk, None)
    namer = named.namer(desk, {kind: info}, environment)
    answer, problems = namer.name(kind, naming=values)
    problems = [*desk.problems, *namer.problems, *problems]
    if answer is None or errors_in(problems):
        raise InputError(f"No name for {kind}.", problems=tuple(problems))
    return answer.name


def check_names(
    options: Options, kind: str, names: Iterable[str], world: World | None = None
) -> dict[str, list[Problem]]:
    """Give for each name what its kind's rule says against it; nothing means that it is valid."""
    rule = _kind(Desk(options, world), kind).name_rule
    return {name: naming.check(rule, name) for name in names}


def explain_pattern(options: Options, kind: str, world: World | None = None) -> KindInfo:
    """Give the data of a kind: its rule, default pattern and variables."""
    return _kind(Desk(options, world), kind)


def naming_schema(file: str) -> Mapping[str, Any]:
    """Give the JSON Schema of `naming-values` or `naming-patterns`, for editors."""
    return config.SCHEMAS[file]


def config_init(
    answers: Mapping[str, str], world: World | None = None, *, in_home: bool = False, force: bool = False
) -> list[Path]:
    """Write the first naming files to `./.dpn` or to the home; give their paths.

    RefusedError if one is there already, unless `force` overwrites it.
    """
    outside = world or World()
    folder = outside.home if in_home else outside.cwd / ".dpn"
    texts = config.init_files(answers)
    try:
        there = [name for name in texts if name in outside.disk.names(folder)]
        if there and not force:
            raise RefusedError(f"{folder / there[0]} is there already.", hint="To overwrite it: --force")
        outside.disk.make_folder(folder)
        for name, text in texts.items():
            _write(outside.disk, folder / name, text)
    except OSError as error:
        raise DpnError(f"{folder} could not be written to: {error.strerror or error}.") from error
    return [folder / name for name in texts]


def _write(disk: Disk, path: Path, text: str) -> None:
    disk.remove(path)
    fd = disk.create(path)
    try:
        disk.write(fd, text.encode(), 0)
    finally:
        disk.close(fd)


def config_problems(options: Options, world: World | None = None) -> list[Problem]:
    """Check both naming files and config.yaml, with each pattern compiled for each installed kind."""
    desk = Desk(options, world)
    loaded = desk.load_plugins([f"{name}_" for name in plugins.installed("providers")])
    return [
        *desk.problems,
        *naming.validate(
            desk.naming_files, loaded.kinds, environment=options.environment, conventions=loaded.conventions(),
            transforms=loaded.transforms(),
            region_codes={name: provider.region_codes for name, provider in loaded.providers.items()},
        ),
    ]  # fmt: skip


def config_rows(options: Options, kind: str, world: World | None = None) -> tuple[list[Row], list[Problem]]:
    """Give each variable of a kind with its value, layer and place."""
    desk = Desk(options, world)
    info = _kind(desk, kind)
    environment = named.chosen_environment(desk, None)
    rows, found = naming.rows(named.namer(desk, {kind: info}, environment), kind)
    return rows, [*desk.problems, *found]


def _kind(desk: Desk, kind: str) -> KindInfo:
    loaded = desk.load_plugins([kind])
    if kind not in loaded.kinds:
        known = ", ".join(sorted(name for name in loaded.kinds if name.startswith(kind.partition("_")[0])))
        raise InputError(f"There is no kind {kind!r}.", hint=f"Known: {known}")
    return loaded.kinds[kind]
