"""Each named point of a run of the real command: it dies there, or its disk fails there, and the next one mends it.

`.after` one operation is `.before` the next, so it is tried where something durable lies between. The tests try a
sample; `nox -s failpoints` tries all.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from kill_audit import Findings, audit
from kill_clouds import Clouds
from kill_sample import some

from dpn import api
from dpn.testing.failpoints import POINTS

_PROGRAM = "import sys; from dpn.cli import main; sys.exit(main(sys.argv[1:]))"
NAMES = {"project": "points", "environment": "dev", "region": "us-east-1", "layer": "gold"}
BUCKETS: Any = {"aws_s3_bucket": {"old": {"naming": {"purpose": "old"}}}}
MORE: Any = {
    "aws_s3_bucket": {**BUCKETS["aws_s3_bucket"], "new": {"naming": {"purpose": "new"}}},
    "aws_glue_database": {"db": {"for_each": {"domain": ["a", "b"]}}},
}

IN_APPLY = (
    *(f"lock.{operation}" for operation in ("open", "take", "write", "sync")),
    *(f"journal.{operation}" for operation in ("create", "reserve", "write", "sync", "truncate")),
    *("journal.write@3", "journal.sync@3", "journal.write.after@4", "journal.sync.after@4", "history.rename.after"),
    *(f"{file}.{operation}" for file in ("state", "backup") for operation in ("create", "write", "sync", "rename")),
    *("state.remove", "backup.remove", "state.rename.after", "backup.rename.after", "history.rename"),
    *("folder.make", "folder.sync", "read@2", "create@2", "create.after@3", "put@2", "put.after@3"),
)
IN_UNDO = ("undo", "undo@2", "undo.after@2", "journal.sync@9")
IN_RECOVERY = (
    "lock.write",
    "journal.open",
    "journal.write",
    "journal.sync",
    "undo",
    "journal.truncate",
    "history.rename",
)
IN_DELETE = ("delete@2", "delete.after@2")
NOT_HERE = {
    "ready": "no kind of these has to be waited for",
    "rename": "as put",
    "archive": "as put",
    "restore": "as put",
    "mark": "as put",
    "list": "as read",
    "find": "as read",
    "history.remove": "fifty runs before it; tests/core/store has it",
}


class Stage:
    """A cloud with one bucket of an earlier run, and a blueprint that adds a bucket and two databases."""

    def __init__(self, clouds: Clouds) -> None:
        clouds.reset()
        for stack in clouds.stacks.glob("points.dev/*"):
            for file in [stack] if stack.is_file() else stack.iterdir():
                file.unlink()
        self.clouds = clouds
        self.more = self._options("more", MORE)
        first = self._options("first", BUCKETS)
        api.apply(first, clouds.world)
        self.was, self.before = clouds.objects(), api.records(first, clouds.world)[0]

    def _options(self, name: str, resources: Any) -> api.Options:
        document = {"version": "1", "stack": "points", "metadata": NAMES, "providers": {"aws": {}}}
        return self.clouds.options({**document, "resources": resources}, name)

    def run(self, failpoint: str, verb: str = "apply", first: str = "") -> tuple[int, str]:
        """Run a command with failpoints, and a line of Python `first`; give its exit code and what it said."""
        env = {**self.clouds.world.env, "DPN_FAILPOINT": failpoint}
        more = [] if verb == "recover" else ["--yes"]
        command = [sys.executable, "-c", first + _PROGRAM, verb, str(self.more.file), "--sandbox", *more]
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def mended(self) -> Findings:
        """Let the next apply finish, and count what is wrong after it."""
        applied = api.apply(self.more, self.clouds.world)
        assert not applied.result or applied.result.outcome == "done"
        assert api.is_empty(api.plan(self.more, self.clouds.world).plan)
        records = api.records(self.more, self.clouds.world)[0]
        assert len(records) == 4
        return audit(self.was, self.clouds.objects(), self.before, records)


@pytest.fixture
def stage(clouds: Clouds) -> Stage:
    return Stage(clouds)


def test_every_point_is_tried_or_has_a_reason() -> None:
    tried = {point.partition("@")[0] for point in (*IN_APPLY, *IN_UNDO, *IN_RECOVERY, *IN_DELETE, "journal.remove")}
    assert {point.removesuffix(".after") for point in tried} | set(NOT_HERE) == set(POINTS)


@pytest.mark.parametrize("point", some(IN_APPLY, 8))
def test_a_kill_at_any_point_of_an_apply_is_mended_by_the_next(stage: Stage, point: str) -> None:
    code, said = stage.run(f"{point}:kill")
    assert code == -signal.SIGKILL, said
    assert not stage.mended()


@pytest.mark.parametrize("point", some(IN_UNDO, 1))
def test_a_kill_in_the_undo_is_mended_by_the_next_apply(stage: Stage, point: str) -> None:
    code, said = stage.run(f"create@3:eacces,{point}:kill")
    assert code == -signal.SIGKILL, said
    assert not stage.mended()


@pytest.mark.parametrize("point", some(IN_RECOVERY, 2))
def test_a_kill_in_the_recovery_of_a_kill_is_mended_by_the_next_apply(stage: Stage, point: str) -> None:
    assert stage.run("create.after@3:exit")[0] == 70
    code, said = stage.run(f"{point}:kill", "recover")
    assert code == -signal.SIGKILL, said
    assert not stage.mended()


@pytest.mark.parametrize("point", some(IN_DELETE, 1))
def test_a_kill_in_a_delete_is_mended_by_the_next_apply(stage: Stage, point: str) -> None:
    api.apply(stage.more, stage.clouds.world)
    code, said = stage.run(f"{point}:kill", "delete")
    assert code == -signal.SIGKILL, said
    findings = stage.mended()
    assert not findings.orphans + findings.duplicates + findings.missing  # what comes back is another object


def test_a_kill_while_an_empty_journal_is_put_away_is_mended(stage: Stage) -> None:
    assert stage.run("journal.create.after:kill")[0] == -signal.SIGKILL
    assert stage.run("journal.remove:kill")[0] == -signal.SIGKILL
    assert not stage.mended()


BEFORE_THE_FIRST_CALL = ("folder.make", "lock.open", "lock.write", "lock.sync", "journal.create", "journal.reserve")
MIDWAY = ("journal.write@3", "journal.sync@3", "state.create", "state.write", "state.sync", "state.rename",
          "backup.rename", "journal.truncate", "history.rename")  # fmt: skip
ERRORS = [
    *((point, "eio") for point in (*BEFORE_THE_FIRST_CALL[1:], *MIDWAY)),
    *(
        (point, error)
        for point in BEFORE_THE_FIRST_CALL
        for error in ("enospc", "emfile", "eacces")[:: len(point) % 2 + 1]
    ),
    *(("journal.write@3", "enospc"), ("state.create", "emfile"), ("state.rename", "eacces")),
]


@pytest.mark.parametrize(("point", "error"), some(ERRORS, 6))
def test_a_disk_that_fails_is_told_plainly_and_mended_by_the_next_apply(stage: Stage, point: str, error: str) -> None:
    code, said = stage.run(f"{point}:{error}")
    early = point in BEFORE_THE_FIRST_CALL
    assert code in ({1, 3} if early and error != "eio" else {6}), said
    assert "Traceback" not in said
    assert "error: " in said
    assert "Nothing was done" in said or "writes nothing more" in said
    if early:
        assert stage.clouds.objects() == stage.was
    assert not stage.mended()


def test_a_limit_on_the_size_of_files_is_met_before_the_first_call(stage: Stage) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); "
    code, said = stage.run("", first=limit)
    assert (code, "Nothing was done" in said) == (1, True), said
    assert stage.clouds.objects() == stage.was
    assert not stage.mended()


def test_a_run_that_sleeps_or_leaves_at_a_point_is_as_told(stage: Stage) -> None:
    assert stage.run("lock.open:exit")[0] == 70
    assert stage.run("create:sleep")[0] == 0


@pytest.mark.parametrize("text", ["stat.sync:kill", "journal.sync:boom", "journal.sync", "journal.sync@0:kill", ""])
def test_what_is_no_failpoint_is_refused_with_those_there_are(stage: Stage, text: str) -> None:
    code, said = stage.run(text)
    assert code == (64 if text else 0)
    assert ("DPN_FAILPOINT" in said) is bool(text)
    assert stage.clouds.objects() == stage.was if text else True
