"""The naming configuration: its schemas, its first files, what is wrong with it, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dpn import config, namers, naming, plugins
from dpn.api.names import kind_of
from dpn.config.starter import Entry, init_files
from dpn.desk import Desk, Options, errors_in
from dpn.disk import write_out
from dpn.documents import check, parse
from dpn.errors import DpnError, InputError, Place, Problem, RefusedError
from dpn.naming import Row
from dpn.naming.headroom import Headroom, asked_for, needs, rooms
from dpn.naming.sources import Source
from dpn.naming.text import did_you_mean
from dpn.paths import nearest
from dpn.provider import KindInfo
from dpn.world import World

__all__ = ["CheckedConfig", "Headroom", "Source", "config_check", "config_init", "config_rows", "naming_schema"]


def naming_schema(file: str) -> Mapping[str, Any]:
    """Give the JSON Schema of `naming-values` or `naming-patterns`, for editors."""
    return config.SCHEMAS[file]


def config_init(
    answers: Mapping[str, str], world: World | None = None, *, options: Options | None = None,
    kinds: Iterable[str] = (), in_home: bool = False, force: bool = False,
) -> list[Path]:  # fmt: skip
    """Write the first naming files to `./.dpn` or to the home; give their paths.

    kinds: those whose patterns and variables are written out, with wildcards. InputError if an answer cannot stand in
    the files; RefusedError if one of them is there already, unless `force` overwrites it.
    """
    outside = world or World()
    folder = outside.home if in_home else outside.cwd / ".dpn"
    texts = _first_files(answers, kinds, options or Options())
    try:
        there = [name for name in texts if name in outside.disk.names(folder)]
        if there and not force:
            raise RefusedError(f"{folder / there[0]} is there already.", hint="To overwrite it: --force")
        outside.disk.make_folder(folder)
        for name, text in texts.items():
            write_out(outside.disk, folder / name, text.encode())
    except OSError as error:
        raise DpnError(f"{folder} could not be written to: {error.strerror or error}.") from error
    return [folder / name for name in texts]


def _first_files(answers: Mapping[str, str], kinds: Iterable[str], options: Options) -> Mapping[str, str]:
    entries = [
        Entry(info.kind, info.default_pattern, {name: variable.doc for name, variable in info.variables.items()})
        for info in _chosen(list(kinds), options)
    ]
    texts = init_files(answers, entries)
    documents = {name: parse(text, name, "yaml") for name, text in texts.items()}
    found = [one for name, read in documents.items() for one in check(read, config.SCHEMAS[name.partition(".")[0]])]
    files = config.NamingFiles(*(read if read.data else None for read in documents.values()))
    found = found or [one for one in naming.validate(files, {}) if one.code.startswith("VALUE-")]
    if found:
        said = tuple(replace(one, place=None) for one in found)  # there is no such file yet
        raise InputError("An answer cannot stand in the naming files; nothing was written.", problems=said)
    return texts


def _chosen(globs: list[str], options: Options) -> list[KindInfo]:
    """Give the installed kinds that wildcards name; InputError for one that names none."""
    if not globs:
        return []
    here = plugins.load((f"{name}_" for name in plugins.installed("providers")), objects=options.plugins).kinds
    for glob in globs:
        if not any(fnmatchcase(kind, glob) for kind in here):
            near = nearest(glob, here)
            hint = f"Did you mean {near}?" if near else "See: dpn plugins list"
            raise InputError(f"No installed kind is called {glob}; nothing was written.", hint=hint)
    return [
        info
        for kind, info in sorted(here.items())
        if info.default_pattern and any(fnmatchcase(kind, glob) for glob in globs)
    ]


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """What the naming files are worth.

    headroom: how long names may still be. needs: the variables that each kind leaves to blueprints. required: those of
    them that validation.required_variables asks for.
    """

    problems: tuple[Problem, ...]
    headroom: tuple[Headroom, ...] = ()
    needs: Mapping[str, list[str]] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Tell whether a command would go on with these files."""
        return not errors_in(self.problems)


def config_check(options: Options, world: World | None = None) -> CheckedConfig:
    """Check both naming files and config.yaml, with each pattern compiled for each installed kind."""
    desk = Desk(options, world)
    loaded, missing = _all_plugins(desk)
    environment = namers.chosen_environment(desk, None)
    codes = {name: provider.region_codes for name, provider in loaded.providers.items()}
    namer = naming.Namer(
        desk.naming_files, kinds=loaded.kinds, environment=environment, overrides=options.overrides,
        conventions=loaded.conventions(), transforms=loaded.transforms(), region_codes=codes,
    )  # fmt: skip
    found = naming.judged(namer, desk.naming_files, loaded.kinds, codes)
    said = {one.code for one in missing}
    told = [one for one in found if one.code not in said]
    required = {name for kind in loaded.kinds for name in asked_for(namer, kind)}
    return CheckedConfig(
        (*desk.problems, *missing, *told), tuple(rooms(namer, loaded.kinds)), needs(namer, loaded.kinds),
        tuple(sorted(required)),
    )  # fmt: skip


def _all_plugins(desk: Desk) -> tuple[plugins.Plugins, list[Problem]]:
    """Load all providers; what the files ask for and is not installed is a problem among the others."""
    conventions, no_convention = _convention(desk)
    extensions, no_extension = _extensions(desk)
    providers = (f"{name}_" for name in plugins.installed("providers"))
    objects = desk.options.plugins
    loaded = plugins.load(providers, naming=conventions, extensions=extensions, objects=objects)
    return loaded, [*no_convention, *no_extension]


def _convention(desk: Desk) -> tuple[list[str], list[Problem]]:
    document = desk.naming_files.patterns
    use = document.data.get("use") if document else None
    if not document or not use:
        return [], []
    here = plugins.installed("naming")
    if use in here:
        return [use], []
    message = f"No naming plugin offers a convention named {use!r}."
    hint = did_you_mean(use, here)
    return [], [Problem("CONVENTION-UNKNOWN", message, None, "use", document.place(("use",)), hint=hint)]


def _extensions(desk: Desk) -> tuple[list[str], list[Problem]]:
    wanted = desk.settings.plugins
    here = plugins.installed("extensions") if wanted else {}
    problems = [
        Problem(
            "EXTENSION-UNKNOWN", f"The extension {name!r} is not installed.", None, "plugins", Place("config.yaml"),
            hint=f"{did_you_mean(name, here)} Install the package that offers it, or take it out.",
        )
        for name in wanted
        if name not in here
    ]  # fmt: skip
    return [name for name in wanted if name in here], problems


def config_rows(
    options: Options, kind: str | None = None, world: World | None = None
) -> tuple[list[Row], Source | None, list[Problem]]:
    """Give each variable of a kind, or of all kinds, with its value, layer and place; of a kind its pattern too."""
    desk = Desk(options, world)
    environment = namers.chosen_environment(desk, None)
    if kind is None:
        return naming.general_rows(desk.naming_files, environment, options.overrides), None, desk.problems
    info = kind_of(desk, kind)
    namer = namers.namer(desk, {kind: info}, environment)
    rows, found = naming.rows(namer, kind)
    return rows, namer.source(kind), [*desk.problems, *found]
