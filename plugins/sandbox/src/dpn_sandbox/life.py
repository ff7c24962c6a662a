"""The life of the server process, seen from the commands: start it once, find it, empty it, stop it.

A process id is never trusted alone: a server counts as running when what listens on its port accepts the secret
of its file and answers with the process id of its file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from http import HTTPStatus

from dpn import DpnError, PluginError, World
from dpn_sandbox.home import Files, Running, read_running

START_SECONDS = 30.0
STOP_SECONDS = 15.0
_POLL = 0.05
# The server outlives the command, so it gets what Python needs and none of the caller's secrets.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
_KEPT_PREFIXES = ("PYTHON", "LC_", "COVERAGE_")


def need(extra: str, *packages: str) -> None:
    """Raise PluginError, with the command that installs them, when a package that the server imports is not there.

    Looked at before a process is started: it could say so only in its log.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - costs 2 ms, needed where something is started only

    if lacking := [package for package in packages if find_spec(package) is None]:
        raise PluginError(
            f"The sandbox's {extra} needs {' and '.join(lacking)}, which {'is' if len(lacking) == 1 else 'are'} not "
            "installed.",
            hint=f"Install it: pip install 'dpn-sandbox[{extra}]'",
        )


def find(world: World, files: Files) -> Running | None:
    """Give the server of these files if it runs and answers."""
    running = read_running(world, files)
    if running is None or running.failed:
        return None
    answer = _ask(world, running, "GET", "health")
    return running if answer is not None and answer.get("pid") == running.pid else None


def ensure(world: World, files: Files, env: Mapping[str, str] | None = None) -> Running:
    """Give the running server, started if there is none; starters at the same time end up with one.

    A server that is started gets `env` besides the little that is kept of the caller's environment. Raises DpnError
    with the end of the server's log when it does not listen within 30 seconds.
    """
    if running := find(world, files):
        return running
    _make(world, files)
    until = world.clock.monotonic() + START_SECONDS
    fd = world.disk.open(files.starting)
    try:
        while not world.disk.try_lock(fd):
            _wait(world, files, until)
        return find(world, files) or _start(world, files, until, env or {})
    finally:
        world.disk.close(fd)


def stop(world: World, files: Files) -> bool:
    """Stop the server and wait until it has left its home; tell whether it ran."""
    running = find(world, files)
    if running is None:
        return False
    _ask(world, running, "POST", "stop")
    until = world.clock.monotonic() + STOP_SECONDS
    while read_running(world, files) == running:
        if world.clock.monotonic() > until:
            raise DpnError(
                f"The sandbox (process {running.pid}) did not stop within {STOP_SECONDS:.0f} seconds.",
                hint=f"End it with `kill {running.pid}`; its log is {files.log}.",
            )
        world.sleep(_POLL)
    return True


def reset(world: World, files: Files) -> None:
    """Drop all objects, and what would bring them back at the next start."""
    _make(world, files)
    fd = world.disk.open(files.starting)
    try:
        until = world.clock.monotonic() + START_SECONDS
        while not world.disk.try_lock(fd):
            _wait(world, files, until)
        running = find(world, files)
        if running is None:
            world.disk.remove(files.requests)
        elif _ask(world, running, "POST", "reset") is None:
            raise DpnError(
                "The sandbox did not answer, so it is not known whether its objects are gone.",
                hint=f"Run `dpn sandbox stop`, then `dpn sandbox reset`; its log is {files.log}.",
            )
    finally:
        world.disk.close(fd)


def _make(world: World, files: Files) -> None:
    try:
        world.disk.make_folder(files.folder)
    except OSError as error:
        raise DpnError(
            f"The folder of the sandbox, {files.folder}, cannot be made: {error.strerror or error}.",
            hint="It is in the home; name one that can be written to: export DPN_HOME=FOLDER",
        ) from error


def _start(world: World, files: Files, until: float, env: Mapping[str, str]) -> Running:
    before = read_running(world, files)
    # -P: a folder named `moto` where the user happens to stand is not imported.
    world.spawn([sys.executable, "-P", "-m", "dpn_sandbox.server", *_arguments(files)], {**_environment(world), **env})
    while True:
        if running := find(world, files):
            return running
        said = read_running(world, files)
        if said is not None and said.failed and said != before:
            raise DpnError(
                f"The sandbox could not start: {said.failed}.", hint=f"{_by_hand(files)} All is in {files.log}."
            )
        _wait(world, files, until)


def _wait(world: World, files: Files, until: float) -> None:
    if world.clock.monotonic() > until:
        raise DpnError(f"The sandbox did not listen within {START_SECONDS:.0f} seconds.", hint=_log_hint(world, files))
    world.sleep(_POLL)


def _log_hint(world: World, files: Files) -> str:
    try:
        lines = world.disk.read(files.log).decode(errors="replace").splitlines()[-10:]
    except OSError:
        lines = ["(empty)"]
    return "\n".join([_by_hand(files), f"The end of {files.log}:", *lines])


def _by_hand(files: Files) -> str:
    arguments = " ".join(_arguments(files))
    return f"To watch it start, run `{sys.executable} -m dpn_sandbox.server {arguments} --foreground`."


def _arguments(files: Files) -> list[str]:
    return ["--emulator", files.emulator, "--home", str(files.folder)]


def _ask(world: World, running: Running, method: str, what: str) -> dict[str, object] | None:
    """Give the answer of a control endpoint; None when nobody, or somebody else, answers."""
    from http.client import HTTPException  # noqa: PLC0415 - costs 10 ms, which `world.fetch` pays anyway

    try:
        status, body = world.fetch(method, f"{running.url}/_dpn/{what}?nonce={running.nonce}", None, 5)
        answer = json.loads(body) if status == HTTPStatus.OK else None
    except (OSError, HTTPException, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _environment(world: World) -> dict[str, str]:
    return {key: value for key, value in world.env.items() if key in _KEPT or key.startswith(_KEPT_PREFIXES)}
