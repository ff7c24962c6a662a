"""What is wrong with an installation, its configuration and its stacks: looks at everything and changes nothing."""

from __future__ import annotations

import platform
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from dpn import openness, plugins, store
from dpn.api.reads import open_here
from dpn.desk import Desk, Options
from dpn.errors import DamagedError, DpnError, InDoubtError, InputError, Problem, RefusedError
from dpn.extensions import Backend, Hold, Snapshot
from dpn.store import home
from dpn.version import VERSION
from dpn.world import World


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `code` is the exit code that it stands for, 0 if it is sound."""

    subject: str
    message: str
    hint: str = ""
    code: int = 0


def doctor(options: Options, world: World | None = None) -> list[Finding]:
    """Look at Python, configuration, home, stacks, plugins and environment. Raises nothing but bugs."""
    try:
        desk = Desk(options, world)
    except DpnError as error:  # a home that cannot be one: nothing else is to be looked at there
        return [*_program(), Finding("home", error.message, error.hint, error.exit_code)]
    parts: tuple[tuple[str, Callable[[Desk], Iterator[Finding]]], ...] = (
        ("dpn", _program), ("configuration", _configuration), ("home", _home), ("stacks", _stacks),
        ("plugins", _plugins), ("environment", partial(_environment, env=(world or World()).env)),
    )  # fmt: skip
    with desk:
        return [finding for subject, part in parts for finding in _guarded(subject, part, desk)]


def _guarded(subject: str, part: Callable[[Desk], Iterator[Finding]], desk: Desk) -> Iterator[Finding]:
    """Turn what a part raises into a finding, so that the other parts are looked at too."""
    try:
        yield from part(desk)
    except DpnError as error:
        yield Finding(subject, error.message, error.hint, error.exit_code)
    except OSError as error:
        yield Finding(subject, f"It cannot be read: {error}.", "Look at its owner and mode.", DpnError.exit_code)


def _program(_: Desk | None = None) -> Iterator[Finding]:
    yield Finding("dpn", f"{VERSION}, Python {platform.python_version()} on {platform.system()} {platform.machine()}")


def _configuration(desk: Desk) -> Iterator[Finding]:
    for problem in desk.problems:
        yield _of_problem(problem)
    for name, document in (("values", desk.naming_files.values), ("patterns", desk.naming_files.patterns)):
        yield Finding("configuration", f"naming {name}: {document.file if document else 'none, the defaults apply'}")


def _of_problem(problem: Problem) -> Finding:
    code = InputError.exit_code if problem.severity == "error" else 0
    return Finding("configuration", str(problem), code=code)


def _home(desk: Desk) -> Iterator[Finding]:
    folder = desk.world.home
    found = desk.world.disk.look(folder)
    if found is None:
        yield Finding("home", f"{folder} is not there yet; the first run makes it.")
        return
    yield Finding("home", f"{folder}, mode {stat.S_IMODE(found[0]):04o}")
    home.refuse_untrusted(desk.world.disk, folder)
    home.refuse_shared(desk.world.disk, folder)


def _stacks(desk: Desk) -> Iterator[Finding]:
    backend = open_here(desk)
    keys = backend.stacks()
    if not keys:
        yield Finding("stacks", "none yet")
    for key in keys:
        yield from _guarded(f"stack {key}", partial(_stack, backend=backend, key=key), desk)


def _stack(desk: Desk, backend: Backend, key: str) -> Iterator[Finding]:
    try:
        yield _standing(backend.read(key))
    finally:
        yield from _exposed(backend, key)
        for damaged in backend.history(key):
            if "damaged" in damaged:
                yield Finding(f"stack {key}", str(damaged["damaged"]), code=DamagedError.exit_code)
        if hold := backend.hold(key):
            yield Finding(f"stack {key}", _last_held(desk, hold))


def _last_held(desk: Desk, hold: Hold) -> str:
    who = f"last held by process {hold.holder.pid} on {hold.holder.host} ({hold.holder.user})"
    if not hold.lease:
        ends = "which still runs" if hold.held else "which no longer runs here"
    elif hold.held:
        ends = f"which has not let it go; last sign of life {store.ago(desk.world.clock.now() - hold.seen)}"
    else:
        ends = "which has let it go"
    return f"{who}, {ends}: `{hold.holder.command}`"


def _exposed(backend: Backend, key: str) -> Iterator[Finding]:
    for path, mode, proper in backend.exposed(key):
        said = f"{path} has mode {mode:04o}: others can read or write it"
        yield Finding(f"stack {key}", said, f'Close it: chmod {proper:o} "{path}"', RefusedError.exit_code)


def _standing(snapshot: Snapshot) -> Finding:
    subject, held = f"stack {snapshot.stack}", f"{len(snapshot.records)} records, serial {snapshot.serial}"
    if place := openness.moved_to(snapshot):
        return Finding(subject, f"{held}; moved to {place}, and nothing is changed here any more")
    if snapshot.journal:
        return Finding(
            subject, f"{held}; a run is open with {len(snapshot.journal)} entries",
            f"If it does not go on: dpn recover --stack {snapshot.stack}", InDoubtError.exit_code,
        )  # fmt: skip
    watched = f"; {len(snapshot.watch)} creates may still land" if snapshot.watch else ""
    return Finding(subject, held + watched)


def _plugins(_: Desk) -> Iterator[Finding]:
    for group in plugins.GROUPS:
        for plugin in plugins.installed(group).values():
            yield Finding("plugins", f"{group}: {plugin.name} ({plugin.package} {plugin.version})")


def _environment(_: Desk, env: Mapping[str, str]) -> Iterator[Finding]:
    """Name the variables that lead dpn and its providers; only our own values are shown, the others may be secret."""
    prefixes = tuple(f"{name.upper()}_" for name in plugins.installed("providers"))
    for name, value in sorted(env.items()):
        if name.startswith("DPN_"):
            yield Finding("environment", f"{name}={value}")
        elif name.startswith(prefixes):
            yield Finding("environment", f"{name} is set")
