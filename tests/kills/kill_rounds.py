"""One round: a platform is made by a real process, which is killed at a random moment; the next command mends it."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from kill_audit import Findings, audit
from kill_clouds import Clouds, Objects
from kill_estate import KEY, Estate

from dpn import api
from dpn.model import Record

WAYS = ("apply", "apply", "apply", "apply", "undo", "undo", "recover", "recover", "SIGTERM", "SIGINT", "SIGHUP")
"""Where the process is struck: making, undoing after a refusal, in the recovery of a kill; or by a signal it hears."""

# Whoever starts this in the background may ignore SIGINT and SIGHUP, which a process would inherit.
_PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    "from dpn.cli import main; sys.exit(main(sys.argv[1:]))"
)
_DENIED = {"kind": "error", "status": 403, "code": "PERMISSION_DENIED", "message": "no", "match": {"write": True}}
_POLL, _LATER, _PATIENCE = 0.005, 0.03, 120.0


@dataclass(frozen=True)
class Outcome:
    """What came of a round: `struck` is the journal's length in entries when the process was; None if it was over."""

    way: str
    struck: int | None
    open: bool
    findings: Findings
    notes: str = ""


class Round:
    """A round on clouds that hold what strangers made and what an earlier run made and committed."""

    def __init__(self, clouds: Clouds, estate: Estate, seed: int, number: int) -> None:
        self._clouds, self._estate = clouds, estate
        self._rng = random.Random(f"{seed}/{number}")
        self.way = WAYS[number % len(WAYS)]
        self._notes: list[str] = []
        self._questions = 0

    def run(self) -> Outcome:
        """Carry it out and count what it broke."""
        self._prepare()
        struck = self._strike()
        was_open = bool(self._now[1])
        findings = self._parked() if self.way.startswith("SIG") else Findings()
        self._finish("apply")
        findings += audit(self._was, self._clouds.objects(), self._before, self._now[0])
        if not api.is_empty(api.plan(self._whole, self._clouds.world).plan):
            self._ask("the plan after it is not empty")
        return Outcome(self.way, struck, was_open, replace(findings, questions=self._questions), "; ".join(self._notes))

    def _prepare(self) -> None:
        clouds = self._clouds
        clouds.reset()
        shutil.rmtree(clouds.stacks, ignore_errors=True)
        clouds.aws.plant("estate-of-somebody-else")
        for number in range(4):  # the very names that dpn gives; nothing but the marker tells whose they are
            settings = {"name": f"estate-batch-p{number * 30:03}-daily-dev", "tags": {}}
            clouds.databricks.plant("jobs", str(number + 1), {"job_id": number + 1, "settings": settings})
        api.apply(clouds.options(self._estate.before, "before"), clouds.world)
        self._was: Objects = clouds.objects()
        self._before: Mapping[str, Record] = self._now[0]

    @cached_property
    def _whole(self) -> api.Options:
        return self._clouds.options(self._estate.whole, "whole")

    @property
    def _now(self) -> tuple[Mapping[str, Record], bool]:
        """Give the records, and whether a transaction is open."""
        records, snapshot = api.records(self._whole, self._clouds.world)
        return records, bool(snapshot.journal)

    def _begin(self, verb: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _PROGRAM, verb, str(self._whole.file), "--sandbox", *_more(verb)]
        null = subprocess.DEVNULL
        with self._said.open("wb") as log:
            return subprocess.Popen(command, env=self._clouds.world.env, stdin=null, stdout=null, stderr=log)

    @property
    def _said(self) -> Path:
        return self._clouds.home / "stderr"

    def _finish(self, verb: str) -> int:
        """Let a command end by itself, without a terminal: a question would be an error."""
        code = self._begin(verb).wait(_PATIENCE)
        if code:
            self._ask(f"{verb} ended with {code}")
        return code

    def _strike(self) -> int | None:
        """Start, wait for the moment, strike."""
        rng, new = self._rng, self._estate.new
        if self.way == "undo":
            self._clouds.databricks.faults([{**_DENIED, "skip": rng.randrange(new // 2)}])
        process = self._begin("apply")
        if self.way == "undo":
            struck = self._hit(process, signal.SIGKILL, rng.randrange(new // 2), b'"t":"abort"')
            self._clouds.databricks.faults([])
            return struck
        if self.way != "recover":
            number = signal.SIGKILL if self.way == "apply" else signal.Signals[self.way]
            return self._hit(process, number, rng.randrange(1, 2 * new))
        here = self._hit(process, signal.SIGKILL, rng.randrange(new // 3, 2 * new))
        return here and self._hit(self._begin("recover"), signal.SIGKILL, here + rng.randrange(here // 2))

    @property
    def _journal(self) -> Path:
        return self._clouds.stacks / KEY / "journal"

    def _hit(
        self, process: subprocess.Popen[bytes], number: signal.Signals, entries: int, after: bytes = b""
    ) -> int | None:
        """Signal the process when its journal has so many entries (behind `after`), give or take some milliseconds."""
        while process.poll() is None and _entries(self._journal, after) <= entries:
            _pause(process, _POLL)
        _pause(process, self._rng.random() * _LATER)
        process.send_signal(number)  # does nothing if it has ended
        code = process.wait(_PATIENCE)
        expected = -number if number == signal.SIGKILL else 128 + number  # an end of its own, after undoing
        if code not in (expected, 0, 1) or (code == 1 and self.way != "undo"):
            self._ask(f"{number.name} ended with {code}")
        return max(1, _entries(self._journal)) if code == expected else None

    def _parked(self) -> Findings:
        """Count what a signal that dpn hears has left: all undone, all done, or a run that is open, is nothing."""
        records, is_open = self._now
        return Findings() if is_open else audit(self._was, self._clouds.objects(), self._before, records)

    def _ask(self, text: str) -> None:
        """Take note of an end that a person would have to look at."""
        self._questions += 1
        self._notes.append(f"{text}; it said: {self._said.read_text('utf-8')[-400:]}")


def _more(verb: str) -> list[str]:
    return ["--yes", "--parallelism", "10"] if verb == "apply" else []


def _pause(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _entries(journal: Path, after: bytes = b"") -> int:
    """Count the entries of a journal, or those behind the first that holds `after`; -1 if there is none yet."""
    try:
        content = journal.read_bytes()
    except FileNotFoundError:
        return -1
    at = content.find(after)
    return content.count(b"\n", at) if at >= 0 else -1
