from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.world import RealClock, SystemRng, World, ulid

CROCKFORD = set("0123456789abcdefghjkmnpqrstvwxyz")


class Clock:
    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return 0.0


@given(st.floats(0, 2**40), st.integers())
def test_an_id_is_a_ulid_in_lower_case_that_fits_a_tag(now: float, seed: int) -> None:
    made = ulid(Clock(now), random.Random(seed))
    assert len(made) == 26
    assert set(made) <= CROCKFORD


@given(st.integers(0, 2**41), st.integers(1, 2**41), st.integers())
def test_ids_sort_by_the_time_they_were_made(earlier: int, later: int, seed: int) -> None:
    rng = random.Random(seed)
    first, second = ulid(Clock(earlier / 1000), rng), ulid(Clock((earlier + later) / 1000 + 0.001), rng)
    assert first < second


def test_ids_of_one_moment_differ() -> None:
    world = World(env={}, clock=Clock(1.0))
    assert len({world.new_id() for _ in range(1000)}) == 1000


def test_the_known_ulid_of_a_known_number() -> None:
    class Zero(random.Random):
        def getrandbits(self, k: int) -> int:
            return 0

    assert ulid(Clock(0.001), Zero()) == "00000000010000000000000000"
    assert ulid(Clock(0.032), Zero()) == "00000000100000000000000000"


@pytest.mark.parametrize("bits", [1, 7, 8, 9, 53, 80])
def test_random_bits_fit_their_number_and_use_it(bits: int) -> None:
    drawn = [SystemRng().getrandbits(bits) for _ in range(400)]
    assert all(0 <= number < 2**bits for number in drawn)
    assert any(number >= 2 ** (bits - 1) for number in drawn)


def test_random_numbers_lie_between_zero_and_one() -> None:
    drawn = [SystemRng().random() for _ in range(100)]
    assert all(0 <= number < 1 for number in drawn)
    assert len(set(drawn)) > 90


@pytest.mark.parametrize(
    ("env", "home"),
    [
        ({"DPN_HOME": "/somewhere", "HOME": "/home/ann"}, "/somewhere"),
        ({"DPN_HOME": "here"}, "/there/here"),
        ({"HOME": "/home/ann"}, "/home/ann/.dpn"),
        ({"DPN_HOME": "", "HOME": "/home/ann"}, "/home/ann/.dpn"),
    ],
)
def test_the_home_is_where_the_environment_says(env: dict[str, str], home: str) -> None:
    assert World(env=env, cwd=Path("/there")).home == Path(home)


def test_the_environment_is_a_copy_that_nobody_changes_behind_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPN_HOME", "/before")
    world = World()
    monkeypatch.setenv("DPN_HOME", "/after")
    assert world.home == Path("/before")


def test_the_clock_is_that_of_the_machine() -> None:
    assert abs(RealClock().now() - time.time()) < 60
    first = RealClock().monotonic()
    assert RealClock().monotonic() >= first


def test_the_clock_goes_on_while_the_machine_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: {goes_on: 4711.0}[clock])
    assert RealClock().monotonic() == 4711.0


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked; /missing is not there."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(self.path.encode() + b" " + body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_request_is_answered_and_never_goes_through_a_proxy(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert World().fetch("POST", f"{address}/there", b"hello") == (200, b"/there hello")


def test_an_error_of_the_server_is_an_answer(address: str) -> None:
    assert World().fetch("POST", f"{address}/missing", b"") == (404, b"/missing ")


def test_nobody_there_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="refused"):
        World().fetch("GET", "http://127.0.0.1:1/")
