"""Eight processes fight for one stack, are stopped for longer than their lease, and are killed: `nox -s locks -- 300`.

Prints one row for each backend. An overlap is two acknowledged commits with one serial, a commit whose generation is
older than that of a commit before it, or a generation that two holders had. The exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
from worker import STACK, backend_of

from dpn.world import World

LEASE = 1.0
_WHOLE = re.compile(r"[a-z]+( \w+){1,2} \.")
PACES = {"file": 1, "s3": 3, "postgres": 1}
"""How much slower than on files a cycle is disturbed: a killed worker needs its time to start."""
BACKENDS = tuple(PACES)


@dataclass
class Fight:
    """One backend, the processes on it, and what was done to them."""

    settings: dict[str, Any]
    log: Path
    cycles: int
    rng: random.Random
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    asked: dict[int, tuple[int, int]] = field(default_factory=dict)
    started: int = 0
    stopped: dict[int, float] = field(default_factory=dict)
    kills: int = 0
    stops: int = 0
    long_stops: int = 0

    def start(self, cycles: int) -> None:
        script = Path(__file__).parent / "worker.py"
        self.started += 1  # process ids come back, and what is done is counted by this
        words = [sys.executable, str(script), json.dumps(self.settings), str(self.log), str(cycles), str(self.started)]
        self.processes.append(subprocess.Popen(words))
        self.asked[self.processes[-1].pid] = self.started, cycles

    def run(self, workers: int) -> None:
        """Let them fight until each has had its cycles; a killed one is replaced by another for those that are left."""
        self.log.touch()
        try:
            for _ in range(workers):
                self.start(self.cycles)
            while self.processes:
                self.disturb()
                self.reap()
                time.sleep(self.rng.uniform(0.02, 0.12) * PACES[self.settings["backend"]])
        finally:
            for process in self.processes:
                process.kill()
                process.wait()

    def disturb(self) -> None:
        """Wake those whose time has come, and stop or kill another one now and then."""
        now = time.monotonic()
        for number in [number for number, until in self.stopped.items() if until <= now]:
            del self.stopped[number]
            self.send(number, signal.SIGCONT)
        awake = [process.pid for process in self.processes if process.pid not in self.stopped]
        chance = self.rng.random()
        if awake and chance < 0.25:
            seconds = self.rng.choice((0.2, 0.5, 1.5, 2.5)) * LEASE
            number = self.rng.choice(awake)
            self.send(number, signal.SIGSTOP)
            self.stopped[number] = now + seconds
            self.stops += 1
            self.long_stops += seconds > LEASE
        elif self.processes and chance > 0.93:
            process = self.rng.choice(self.processes)
            process.kill()
            process.wait()
            self.kills += 1

    def send(self, number: int, what: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(number, what)

    def reap(self) -> None:
        for process in [process for process in self.processes if process.poll() is not None]:
            self.processes.remove(process)
            self.stopped.pop(process.pid, None)
            if process.returncode == -signal.SIGKILL:
                number, cycles = self.asked[process.pid]
                done = re.findall(rf"^done \d+ {number} \.$", self.log.read_text(), re.MULTILINE)
                self.start(cycles - len(done))
            elif process.returncode:
                raise SystemExit(f"a worker ended with {process.returncode}; see above")


@dataclass(frozen=True)
class Verdict:
    """What the log and the state tell."""

    backend: str
    cycles: int
    commits: int
    lost: int
    overlaps: tuple[str, ...]


def judge(name: str, log: str, serial: int, generation: int) -> Verdict:
    """Judge a log together with the last state."""
    lines = [line.split() for line in log.splitlines() if _WHOLE.fullmatch(line)]
    entered = [int(line[1]) for line in lines if line[0] == "enter"]
    commits = sorted((int(line[2]), int(line[1])) for line in lines if line[0] == "commit")
    overlaps = [f"two holders had generation {one}" for one in {one for one in entered if entered.count(one) > 1}]
    for (before, older), (now, newer) in pairwise(commits):
        if before == now:
            overlaps.append(f"two commits have serial {now}")
        if newer < older:
            overlaps.append(f"serial {now} was written by generation {newer}, after one of {older}")
    if commits and (serial < commits[-1][0] or generation < commits[-1][1]):
        overlaps.append(f"the state has serial {serial}, and {commits[-1][0]} was acknowledged")
    if serial > len(commits) + len(entered):
        overlaps.append("more was committed than was begun")
    done = sum(line[0] == "done" for line in lines)
    return Verdict(name, done, len(commits), sum(line[0] == "lost" for line in lines), tuple(overlaps))


@contextmanager
def place(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Give the settings of an empty backend of a kind."""
    with ExitStack() as stack:
        if name == "s3":
            endpoint = stack.enter_context(bucket_server())
            keys = {"access_key_id": "test", "secret_access_key": "test", "region": "eu-west-1"}
            yield {"backend": "s3", "bucket": "acme-state", "endpoint_url": endpoint, "lease": LEASE, **keys}
        elif name == "postgres":
            from postgres_server import PASSWORD, running

            dsn = stack.enter_context(running(folder))
            yield {"backend": "postgres", "dsn": f"{dsn} password={PASSWORD}", "lease": LEASE}
        else:
            yield {"backend": "file", "path": str(folder / "home"), "insist": True}


@contextmanager
def bucket_server() -> Iterator[str]:
    """Serve S3 on loopback, one request at a time: moto checks a condition and writes in two steps."""
    import boto3
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    app, one = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def serially(environ: Any, start_response: Any) -> Any:
        with one:
            return list(app(environ, start_response))

    server = make_server("127.0.0.1", 0, serially, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1"
    )
    client.create_bucket(Bucket="acme-state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.close()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fight(name: str, workers: int, cycles: int, seed: int) -> tuple[Verdict, Fight]:
    """Run one backend and judge it."""
    with tempfile.TemporaryDirectory() as folder, place(name, Path(folder)) as settings:
        one = Fight(settings, Path(folder) / "cycles", cycles, random.Random(f"{name} {seed}"))
        one.run(workers)
        last = backend_of(World(), settings).read(STACK)
        return judge(name, one.log.read_text(), last.serial, last.generation), one


def main() -> int:
    """Run all backends that were asked for, and print a table."""
    parser = argparse.ArgumentParser(description="Lock cycles of the state backends.")
    parser.add_argument("cycles", type=int, nargs="?", default=300, help="cycles of each process")
    parser.add_argument("--backend", action="append", choices=BACKENDS)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    head = "backend   cycles  commits  kills  stops  longer than the lease  lost  overlaps  seconds"
    print(f"{asked.processes} processes, {asked.cycles} cycles each, lease {LEASE:g} s, seed {asked.seed}\n{head}")
    failed = False
    for name in asked.backend or BACKENDS:
        begun = time.monotonic()
        verdict, one = fight(name, asked.processes, asked.cycles, asked.seed)
        print(
            f"{name:8}{verdict.cycles:8}{verdict.commits:9}{one.kills:7}{one.stops:7}{one.long_stops:23}"
            f"{verdict.lost:6}{len(verdict.overlaps):10}{time.monotonic() - begun:9.0f}",
            flush=True,
        )
        for overlap in verdict.overlaps:
            print(f"  {overlap}")
        failed = failed or bool(verdict.overlaps)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
