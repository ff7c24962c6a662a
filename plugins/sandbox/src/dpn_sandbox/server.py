"""The server process: `python -m dpn_sandbox.server --emulator NAME --home DIR`; `serve` is the same inside a test."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpn import World
from dpn_sandbox.app import Application
from dpn_sandbox.cloud import NAMES, open_cloud
from dpn_sandbox.home import Files, Running, read_running, write_running
from dpn_sandbox.log import RequestLog
from dpn_sandbox.pulse import Pulse

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

Note = Callable[[str], None]

IDLE_SECONDS = 15 * 60.0
_LEAVE_SECONDS = 10.0


class HomeTakenError(Exception):
    """Another server has this home."""


@contextmanager
def serve(world: World, files: Files, *, port: int = 0, note: Note | None = None) -> Iterator[tuple[Running, Pulse]]:
    """Serve one emulator of a home on 127.0.0.1 (port 0: a free one) in threads of this process until the block ends.

    Gives what was written to the file of the server, and the pulse to wait on. Raises HomeTakenError when another
    server keeps these files for more than 10 seconds. moto's objects belong to the process: serve one AWS at a time.
    """
    files = replace(files, folder=files.folder.absolute())
    world.disk.make_folder(files.folder)
    with ExitStack() as stack:
        stack.enter_context(_taken(world, files))
        say = note or stack.enter_context(_note_file(world, files))
        pulse = Pulse(world)
        # The file goes after the port and before the home, so whoever sees it gone may start the next server.
        stack.callback(_forget, world, files)
        try:
            running, server = _open(world, files, pulse, port, say, stack)
        except Exception as error:
            # Whoever waits for this server reads the reason there instead of waiting in vain.
            say(traceback.format_exc())
            write_running(world, files, Running(os.getpid(), 0, "", f"{type(error).__name__}: {error}"))
            raise
        with _accepting(server, pulse):
            write_running(world, files, running)
            say(f"Process {running.pid} listens on {running.url}.")
            try:
                yield running, pulse
            finally:
                say("Ending.")


def _open(
    world: World, files: Files, pulse: Pulse, port: int, note: Note, stack: ExitStack
) -> tuple[Running, BaseWSGIServer]:
    # Paid only when the home is ours, and by nobody who only wants `--help`.
    from werkzeug.serving import make_server

    cloud = open_cloud(files.emulator)

    class Handler(cloud.handler):  # type: ignore[name-defined,misc]  # each cloud reads requests in its own way
        """Keeps errors and says nothing else: there is no stream to say it on."""

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own name
            if type == "error":
                note(message % args if args else message)

    nonce = f"{world.rng.getrandbits(128):032x}"
    log = RequestLog(world, files.requests)
    stack.callback(log.close)
    app: Any = Application(world, cloud, log, pulse, nonce=nonce, note=note)
    # Bound here, because make_server ends the process over a port that is taken, and nobody would learn why.
    with socket.create_server(("127.0.0.1", port), backlog=128) as bound:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Handler, fd=bound.fileno())
    return Running(os.getpid(), server.port, nonce), server


def _forget(world: World, files: Files) -> None:
    said = read_running(world, files)
    if said is not None and not said.failed:
        world.disk.remove(files.server)


@contextmanager
def _accepting(server: BaseWSGIServer, pulse: Pulse) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        pulse.end()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _taken(world: World, files: Files) -> Iterator[None]:
    fd = world.disk.open(files.serving)
    try:
        until = world.clock.monotonic() + _LEAVE_SECONDS  # one that is ending has the home for a moment more
        while not world.disk.try_lock(fd):
            if world.clock.monotonic() > until:
                raise HomeTakenError(f"Another server has {files.folder}; see {files.server}.")
            world.sleep(0.05)
        yield
    finally:
        world.disk.close(fd)


@contextmanager
def _note_file(world: World, files: Files) -> Iterator[Note]:
    fd = world.disk.open(files.log)
    world.disk.truncate(fd, 0)
    lock = threading.Lock()

    def note(text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.clock.now()))
        with lock:
            world.disk.write(fd, f"{stamp} {text}\n".encode(errors="replace"), world.disk.size(fd))

    try:
        yield note
    finally:
        world.disk.close(fd)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until asked to stop, signalled, or idle for too long; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dpn_sandbox.server", description=__doc__)
    parser.add_argument("--emulator", choices=NAMES, default="aws", help="the cloud to serve (default: aws)")
    parser.add_argument("--home", required=True, help="the folder of the sandbox")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="seconds without a request until it ends")
    parser.add_argument("--foreground", action="store_true", help="tell on stderr what would go to the log")
    given = parser.parse_args(arguments)
    note = _tell if given.foreground else None
    try:
        with serve(World(), Files(Path(given.home), given.emulator), port=given.port, note=note) as (_, pulse):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, lambda *_: _end_soon(pulse))
            pulse.wait(given.idle)
    except (HomeTakenError, ImportError, OSError) as error:
        _tell(str(error))
        return 1
    return 0


def _end_soon(pulse: Pulse) -> None:
    # A signal may come while this very thread holds the lock of the pulse, so another thread takes it.
    threading.Thread(target=pulse.end).start()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
