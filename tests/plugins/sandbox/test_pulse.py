from __future__ import annotations

import threading

from dpn import World
from dpn_sandbox.pulse import Pulse


def test_an_idle_server_ends_and_then_turns_requests_away() -> None:
    pulse = Pulse(World())
    pulse.wait(0.01)
    with pulse.beat() as alive:
        assert not alive


def test_a_request_in_work_holds_the_server_and_is_let_finish() -> None:
    pulse = Pulse(World())
    ended = threading.Event()

    def wait() -> None:
        pulse.wait(0)
        ended.set()

    with pulse.beat() as alive:
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert alive
        assert not ended.wait(0.1)
        pulse.end()
        assert not ended.wait(0.1)
    assert ended.wait(10)
    waiter.join()


def test_a_request_that_hangs_is_not_waited_for_without_end() -> None:
    pulse = Pulse(World())
    with pulse.beat():
        pulse.end()
        pulse.wait(60, grace=0.01)
