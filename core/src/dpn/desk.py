"""What one command works with: its options, the configuration, the backend, the plugins and the way to the clouds."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dpn import config, documents, plugins, references, sandbox, store
from dpn.connections import Connections
from dpn.discreet import discreet
from dpn.errors import DpnError, InputError, PluginError, Problem
from dpn.extensions import Backend
from dpn.hidden import Hidden
from dpn.model import Event, Record
from dpn.plugins import Plugins
from dpn.settings import filled, public
from dpn.store import home, open_backend
from dpn.world import World

if TYPE_CHECKING:
    from dpn.dispatch import Dispatcher

DEFAULT_FILES = ("blueprint.json", "blueprint.yaml", "blueprint.yml")


@dataclass(frozen=True, slots=True)
class Options:
    """What a command may be told; everything has a default that does the usual thing.

    hidden: the secrets of the run, for who shows what went wrong in a way that nobody foresaw.
    """

    file: Path | None = None
    environment: str | None = None
    stack: str | None = None
    values_config: Path | None = None
    patterns_config: Path | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    parallelism: int | None = None
    offline: bool = False
    sandbox: bool = False
    targets: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    allow_deletes: int | None = None
    lock_timeout: float = 0
    max_size: int | None = None
    command: str = "dpn"
    plugins: tuple[Any, ...] = ()
    tell: Callable[[Event], None] | None = None
    hidden: Hidden = field(default_factory=Hidden, repr=False, compare=False)


def mend(options: Options, stack: str = "") -> str:
    """Give the command that settles an open run, ready to be pasted: for the FILE that was named, else for a stack."""
    told = {"--stack": options.stack, "--environment": options.environment}
    words = [str(options.file)] if options.file else []
    for flag, value in told.items() if words or not stack else [("--stack", stack)]:
        words += [flag, value] if value else []
    return shlex.join(["dpn", "recover", *words, *(["--sandbox"] if options.sandbox else [])])


class Desk:
    """Made once for a command. With `sandbox`, everything happens in the sandbox's own home and cloud."""

    def __init__(self, options: Options, world: World | None = None) -> None:
        outside = world or World()
        home.refuse_no_folder(outside.disk, outside.home)
        self.options = options
        self.settings, self.problems = config.load_settings(outside)
        self.naming_files, found = config.load_naming(outside, options.values_config, options.patterns_config)
        self.problems += found
        self.world = sandbox.world_of(outside) if options.sandbox else outside
        if options.sandbox:
            home.refuse_around(outside.disk, outside.home, self.world.home)
        self.plugins = Plugins()
        self.provider_settings: Mapping[str, Mapping[str, Any]] = {}
        self._backend: Backend | None = None
        self._backends: list[Backend] = []
        self._connections: list[Connections] = []
        self._hidden = options.hidden

    def __enter__(self) -> Self:
        """Use it for one command."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of every connection, to clouds and to where state is."""
        for connections in self._connections:
            connections.close()
        for backend in self._backends:
            backend.close()

    @property
    def width(self) -> int:
        """How many calls run at once for each provider."""
        return self.options.parallelism or self.settings.parallelism

    @property
    def settle(self) -> float | None:
        """The embedded cloud answers at once: "not found" needs no patience there."""
        return 0 if self.options.sandbox else None

    def document(self) -> documents.Document:
        """Read the blueprint: the file that was named, else the usual names in this folder."""
        path = self.options.file or self.default_file()
        if path is None:
            raise InputError(
                f"There is no blueprint here: none of {', '.join(DEFAULT_FILES)}.", hint="Name the file: dpn plan FILE"
            )
        return documents.read(path, self.world, max_size=self.options.max_size)

    def default_file(self) -> Path | None:
        """Give the blueprint of this folder, if there is one."""
        names = self.world.disk.names(self.world.cwd)
        return next((Path(name) for name in DEFAULT_FILES if name in names), None)

    def load_plugins(self, kinds: Iterable[str], schemes: Iterable[str] = ()) -> Plugins:
        """Load the plugins of the run once, and the providers of more kinds and secret schemes as they turn up."""
        if not self.plugins.origins:
            patterns = self.naming_files.patterns
            use = patterns.data.get("use") if patterns and isinstance(patterns.data, Mapping) else None
            self.plugins = plugins.load(
                naming=[use] if use else [], extensions=self.settings.plugins, objects=self.options.plugins
            )
        plugins.add_providers(self.plugins, kinds, schemes)
        return self.plugins

    def load_former(self, schemes: Iterable[str]) -> None:
        """Load the providers of secrets that only an undo may ask for, where they are still installed."""
        wanted = [scheme for scheme in schemes if references.provider_of(scheme) not in self.plugins.providers]
        here = plugins.installed("providers") if wanted else {}
        self.load_plugins((), [scheme for scheme in wanted if references.provider_of(scheme) in here])

    def backend(self, chosen: Mapping[str, Any] | None = None) -> Backend:
        """Give the state backend that the blueprint or config.yaml chooses; files in the home by default."""
        if self._backend is None:
            # The objects of the sandbox are in its own home: their stacks are nowhere else.
            self._backend = self.open_backend({} if self.options.sandbox else chosen or self.settings.state)
        return self._backend

    def open_backend(self, chosen: Mapping[str, Any]) -> Backend:
        """Give the backend that settings as those in config.yaml choose: `backend`, and what it takes."""
        name = self._backend_name(chosen)
        kind = _backend_types(name, self.options.plugins)[name]
        settings = filled(
            chosen, self.world.env, self._hidden, "A setting of the state backend", public(kind.config_schema)
        )
        settings.pop("backend", None)
        try:
            backend = open_backend(kind, self.world, settings)
        except DpnError as error:
            raise self._hidden.cleared(error) from error.__cause__
        self._backends.append(backend if name == "file" else discreet(backend, self._hidden))
        return self._backends[-1]

    def _backend_name(self, chosen: Mapping[str, Any]) -> str:
        plain = {"backend": chosen.get("backend", "file")}
        return str(filled(plain, self.world.env, self._hidden, "The state backend", plain)["backend"])

    def state_schema(self, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the schema of the settings of a state backend, empty where it is not installed or has none."""
        try:
            name = self._backend_name(chosen)
        except InputError:  # its variable is not set: that is said where it is opened
            return {}
        here = name != "file" and (self.options.plugins or name in plugins.installed("backends"))
        kind = _backend_types(name, self.options.plugins).get(name) if here else None
        return kind.config_schema if kind else {}

    def keeps_files(self, chosen: Mapping[str, Any] | None = None) -> bool:
        """Tell whether the state is in files, so that reading it asks nobody."""
        return self._backend_name(chosen or self.settings.state) == "file"

    def dispatcher(self, settings: Mapping[str, Mapping[str, Any]], records: Iterable[Record]) -> Dispatcher:
        """Connect nothing yet, but know how: provider settings by alias, from the blueprint, else from the records."""
        from dpn.dispatch import Dispatcher  # noqa: PLC0415 - 6 ms that an offline plan does not pay

        known: dict[str, Mapping[str, Any]] = {record.provider: record.settings for record in records}
        known |= {name: {} for name in self.plugins.providers if name not in known} | dict(settings)
        self.provider_settings = known
        if self.options.sandbox:
            home.make(self.world.disk, self.world.home)
            leading = sandbox.start(self.world, {alias.partition(".")[0] for alias in known} & self._connectable())
            known = {alias: _led(values, leading.get(alias.partition(".")[0])) for alias, values in known.items()}
        self._connections.append(Connections(self.plugins, known, self.width, self.world.env, self._hidden))
        return Dispatcher(self.plugins, self._connections[-1], self.world)

    def _connectable(self) -> set[str]:
        given = {provider for provider in self.plugins.providers if f"objects:{provider}" in self.plugins.origins}
        return {name for name, one in self.plugins.providers.items() if one.connect and one.kinds} - given


def _led(settings: Mapping[str, Any], leading: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Keep of the user's settings what places things; who calls and where is the emulator's."""
    if leading is None:
        return settings
    return {**({"region": settings["region"]} if "region" in settings else {}), **leading}


def _backend_types(name: str, objects: Iterable[Any]) -> Mapping[str, Any]:
    if name == "file":  # the default costs no look through the installed packages
        return {backend.name: backend for backend in store.dpn_backends()}
    given = plugins.load(objects=objects).backends()
    if name in given:
        return given
    here = plugins.installed("backends")
    if name not in here:
        raise PluginError(
            f"The state backend {name!r} is not installed; there are: {', '.join(sorted(here))}.",
            hint="Install the package that offers it.",
        )
    return plugins.load(objects=[plugins.import_plugin(here[name])]).backends()


def errors_in(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give the problems that stop a command."""
    return tuple(problem for problem in problems if problem.severity == "error")
