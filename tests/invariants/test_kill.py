"""A real process is killed in the middle of a run; the next command leaves nothing behind and asks nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dpn import api
from dpn_sandbox.testing import Sandbox

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart" / "blueprint.json"
EMPTY: dict[str, dict[str, object]] = {"buckets": {}, "databases": {}, "tables": {}}


def _begin() -> subprocess.Popen[bytes]:
    """Start `dpn apply` as a process that waits for a line before it begins, so that a rule can name it."""
    program = "import sys; sys.stdin.readline(); from dpn.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "apply", str(QUICKSTART), "--yes"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _go(process: subprocess.Popen[bytes]) -> int:
    process.communicate(b"\n", timeout=60)
    return process.returncode


def _open() -> bool:
    return bool(api.records(api.Options(file=QUICKSTART))[1].journal)


@pytest.mark.parametrize("write", [0, 1, 4, 6, 11, 15, 16])
def test_a_kill_after_any_write_leaves_nothing_behind(cloud: Sandbox, write: int) -> None:
    process = _begin()
    cloud.faults([{"kind": "kill", "match": {"write": True}, "skip": write, "pid": process.pid}])
    assert _go(process) == -signal.SIGKILL
    cloud.faults([])
    assert _open()
    assert cloud.objects() != EMPTY
    settled = api.recover(api.Options(file=QUICKSTART))
    assert [one.outcome for one in settled.values() if isinstance(one, api.Result)] == ["rolled_back"]
    assert cloud.objects() == EMPTY
    assert api.records(api.Options(file=QUICKSTART))[0] == {}


def test_the_next_apply_recovers_by_itself_and_then_does_its_work(cloud: Sandbox) -> None:
    process = _begin()
    cloud.faults([{"kind": "kill", "match": {"operation": "CreateTable"}, "pid": process.pid}])
    assert _go(process) == -signal.SIGKILL
    cloud.faults([])
    applied = api.apply(api.Options(file=QUICKSTART))
    assert applied.recovered
    assert applied.recovered.outcome == "rolled_back"
    assert applied.result
    assert applied.result.outcome == "done"
    assert api.is_empty(api.plan(api.Options(file=QUICKSTART)).plan)
    there = cloud.objects()
    assert {kind: len(things) for kind, things in there.items()} == {"buckets": 3, "databases": 2, "tables": 3}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_undoes_what_was_done(cloud: Sandbox, number: signal.Signals, code: int) -> None:
    process = _begin()
    slow = {"kind": "latency", "match": {"write": True}, "seconds": 0.3, "times": 0}
    cloud.faults([slow])
    assert process.stdin
    process.stdin.write(b"\n")
    process.stdin.flush()
    while not any(request["write"] for request in cloud.requests()):
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(number)
    assert process.wait(timeout=60) == code
    process.stdin.close()
    assert cloud.objects() == EMPTY
    assert not _open()
