from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.client import BadStatusLine
from pathlib import Path
from typing import Any

import pytest

from dpn import DpnError, World
from dpn_sandbox import aws, life
from dpn_sandbox.home import Running, read_running, write_running

STARTER = """
import json, sys
from dpn import World
from dpn_sandbox import aws, life
running = life.ensure(World(), aws.files(sys.argv[1]))
print(json.dumps([running.pid, running.port]), flush=True)
input()
"""


class Later:
    """A clock that only sleeping moves."""

    time = 0.0

    def now(self) -> float:
        return self.time

    monotonic = now

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def still() -> World:
    """Give a world in which nothing starts, and waiting takes no time."""
    clock = Later()
    return replace(World(), clock=clock, sleep=clock.sleep, spawn=lambda command, env: 1)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """Give a home whose server, if any, is stopped in the end."""
    yield str(tmp_path / "home")
    aws.stop(World(), str(tmp_path / "home"))


def wait_for(happened: Any, seconds: float = 20) -> Any:
    until = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(0.02)
    return found


def launch(home: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "dpn_sandbox.server", "--home", home, *more])


def test_starters_at_once_get_one_server_that_outlives_them(home: str) -> None:
    command = [sys.executable, "-c", STARTER, home]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
    starters = [subprocess.Popen(command, **pipes) for _ in range(2)]
    told = [json.loads(starter.stdout.readline()) for starter in starters if starter.stdout]
    for starter in starters:
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate()
    assert told[0] == told[1]
    running = life.find(World(), aws.files(home))
    assert running is not None
    assert [running.pid, running.port] == told[0]
    assert life.ensure(World(), aws.files(home)) == running
    assert os.getsid(running.pid) == running.pid
    if Path("/proc/self/fd").exists():
        links = [str(entry.readlink()) for entry in Path(f"/proc/{running.pid}/fd").iterdir()]
        assert links.count("/dev/null") == 3
        assert not [link for link in links if link.startswith("pipe:")]
    assert aws.files(home).server.stat().st_mode & 0o777 == 0o600
    assert aws.start(World(), home)["endpoint_url"] == running.url
    assert aws.env(World(), home)["AWS_ENDPOINT_URL"] == running.url
    aws.reset(World(), home)
    assert aws.stop(World(), home) is True
    assert aws.stop(World(), home) is False
    assert not aws.files(home).server.exists()


def test_the_server_ends_when_nobody_asks_it_anything(home: str) -> None:
    with launch(home, "--idle", "0.2") as process:
        assert process.wait(timeout=30) == 0
    assert not aws.files(home).server.exists()
    assert "listens on http://127.0.0.1:" in aws.files(home).log.read_text()


def test_a_signal_ends_the_server_and_leaves_no_file_behind(home: str, capfd: pytest.CaptureFixture[str]) -> None:
    with launch(home, "--foreground") as process:
        running = wait_for(lambda: life.find(World(), aws.files(home)))
        assert running.pid == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not aws.files(home).server.exists()
    assert f"Process {running.pid} listens on {running.url}." in capfd.readouterr().err


def test_a_port_that_is_taken_is_told_to_who_waits(home: str, tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        def spawn(command: Sequence[str], env: Any) -> int:
            with subprocess.Popen([*command, "--port", port], stderr=subprocess.DEVNULL) as process:
                return process.pid

        with pytest.raises(DpnError, match="could not start") as caught:
            life.ensure(replace(World(), spawn=spawn), aws.files(home))
    assert "--foreground" in caught.value.hint
    assert "Traceback" not in caught.value.hint
    assert "Traceback" in aws.files(home).log.read_text()


@pytest.mark.parametrize("act", [life.ensure, life.reset])
def test_a_folder_that_cannot_be_made_is_named(still: World, tmp_path: Path, act: Any) -> None:
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "home")
    with pytest.raises(DpnError, match="cannot be made: ") as caught:
        act(still, aws.files(folder))
    assert folder in caught.value.message
    assert "DPN_HOME" in caught.value.hint


def test_waiting_ends_with_the_end_of_the_log(still: World, home: str) -> None:
    Path(home).mkdir()
    aws.files(home).log.write_text("".join(f"line {n}\n" for n in range(20)))
    with pytest.raises(DpnError, match="did not listen within 30 seconds") as caught:
        life.ensure(still, aws.files(home))
    assert "line 10\n" in caught.value.hint
    assert "line 9\n" not in caught.value.hint


def test_a_starter_waits_for_the_other_only_so_long(still: World, home: str) -> None:
    files = aws.files(home)
    files.folder.mkdir()
    fd = still.disk.open(files.starting)
    assert still.disk.try_lock(fd)
    try:
        for act in (life.ensure, life.reset):
            with pytest.raises(DpnError, match="did not listen"):
                act(still, files)
    finally:
        still.disk.close(fd)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "port": 99999, "nonce": "n"}', "null"])
def test_a_file_that_says_nothing_is_no_server(tmp_path: Path, text: str) -> None:
    aws.files(str(tmp_path)).server.write_text(text)
    assert read_running(World(), aws.files(str(tmp_path))) is None
    assert life.find(World(), aws.files(str(tmp_path))) is None


def test_who_answers_must_be_the_process_of_the_file(tmp_path: Path) -> None:
    world = World()
    write_running(world, aws.files(str(tmp_path)), Running(4711, 80, "secret"))
    asked: list[tuple[str, str]] = []

    def fetch(method: str, url: str, body: bytes | None = None, timeout: float = 5) -> tuple[int, bytes]:
        asked.append((method, url))
        return answers.pop(0)

    answers = [(200, b'{"pid": 4712}'), (200, b"hello"), (200, b"[]"), (403, b'{"pid": 4711}'), (200, b'{"pid": 4711}')]
    found = [life.find(replace(world, fetch=fetch), aws.files(str(tmp_path))) for _ in range(len(answers))]
    assert [running is not None for running in found] == [False, False, False, False, True]
    assert asked[0] == ("GET", "http://127.0.0.1:80/_dpn/health?nonce=secret")


@pytest.mark.parametrize("error", [ConnectionRefusedError(), BadStatusLine("SSH-2.0")])
def test_who_does_not_speak_http_is_no_server(tmp_path: Path, error: Exception) -> None:
    def fetch(*arguments: Any) -> tuple[int, bytes]:
        raise error

    write_running(World(), aws.files(str(tmp_path)), Running(4711, 80, "secret"))
    assert life.find(replace(World(), fetch=fetch), aws.files(str(tmp_path))) is None


def test_a_server_that_does_not_stop_is_named(still: World, tmp_path: Path) -> None:
    def fetch(*arguments: Any) -> tuple[int, bytes]:
        return 200, b'{"pid": 4711}'

    write_running(still, aws.files(str(tmp_path)), Running(4711, 80, "secret"))
    with pytest.raises(DpnError, match="4711") as caught:
        life.stop(replace(still, fetch=fetch), aws.files(str(tmp_path)))
    assert "kill 4711" in caught.value.hint


def test_a_reset_that_is_not_answered_is_an_error(still: World, tmp_path: Path) -> None:
    def fetch(method: str, *arguments: Any) -> tuple[int, bytes]:
        return (200, b'{"pid": 4711}') if method == "GET" else (500, b"")

    write_running(still, aws.files(str(tmp_path)), Running(4711, 80, "secret"))
    with pytest.raises(DpnError, match="did not answer"):
        life.reset(replace(still, fetch=fetch), aws.files(str(tmp_path)))


def test_a_reset_without_a_server_forgets_what_would_come_back(still: World, tmp_path: Path) -> None:
    aws.files(str(tmp_path)).requests.write_text("…")
    aws.reset(still, str(tmp_path))
    assert not aws.files(str(tmp_path)).requests.exists()


def test_the_server_gets_none_of_the_callers_secrets(still: World, home: str) -> None:
    given: list[Any] = []

    def spawn(command: Sequence[str], env: Any) -> int:
        given.extend([list(command), dict(env)])
        return 1

    env = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "s", "DATABRICKS_TOKEN": "t", "PYTHONPATH": "p", "LC_ALL": "C"}
    with pytest.raises(DpnError):
        aws.start(replace(still, env=env, spawn=spawn), home)
    command, passed = given
    assert command == [sys.executable, "-P", "-m", "dpn_sandbox.server", "--emulator", "aws", "--home", home]
    assert {key for key in passed if key in env} == {"PATH", "PYTHONPATH", "LC_ALL"}
    assert passed["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_the_emulator_is_found_by_its_name_and_costs_nothing_to_import() -> None:
    code = (
        "import sys; from importlib.metadata import entry_points\n"
        "found = [e for e in entry_points(group='dpn.emulators') if e.name == 'aws']\n"
        "emulator = found[0].load()\n"
        "print(all(callable(getattr(emulator, name)) for name in ('start', 'stop', 'reset', 'env')))\n"
        "print(sorted({'moto', 'flask', 'werkzeug', 'boto3', 'botocore', 'http.client'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["True", "[]"]
