"""Measure what start-up costs, as ratios within one run: `nox -s bench [-- REPEATS]`.

Each command runs in fresh processes, all commands in turn, so that a busy machine disturbs them alike. What counts is
CPU time (user and system) of the child over a bare interpreter, set against the same for `import click, pluggy,
importlib.metadata`, the least that a command line with plugins can load. Medians; the first round, which compiles
and fills caches, is thrown away. Nothing fails here: the table says `over` where a budget is exceeded.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

Command = Sequence[str]
BARE = "bare interpreter"
REFERENCE = "import click, pluggy, importlib.metadata"
BUDGETS = {
    "from dpn import hookimpl, Provider, Kind, NameRule": 0.7,
    "dpn --help": 0.8,
    "dpn --version": 0.8,
    "dpn plan --offline (ten resources)": 3.0,
}


def commands(blueprint: Path) -> dict[str, Command]:
    """Give the command of each row; those of dpn are the installed script, as a user starts it."""
    python, dpn = sys.executable, str(Path(sys.executable).with_name("dpn"))
    facade, help_, version, plan = BUDGETS
    return {
        BARE: (python, "-c", "pass"),
        REFERENCE: (python, "-c", REFERENCE),
        facade: (python, "-c", facade),
        help_: (python, dpn, "--help"),
        version: (python, dpn, "--version"),
        plan: (python, dpn, "plan", str(blueprint), "--offline"),
    }


def cpu(command: Command, env: Mapping[str, str]) -> float:
    """Run a command with its output thrown away; give the seconds of CPU it took, or refuse if it failed."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    pid = os.posix_spawn(command[0], list(command), dict(env), file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)}: exit code {code}; nothing to measure")
    return usage.ru_utime + usage.ru_stime


def measure(rows: Mapping[str, Command], repeats: int, env: Mapping[str, str]) -> dict[str, float]:
    """Run all rows in turn, again and again; give the median seconds of each."""
    rounds = [{name: cpu(command, env) for name, command in rows.items()} for _ in range(repeats + 1)][1:]
    return {name: median(taken[name] for taken in rounds) for name in rows}


def table(seconds: Mapping[str, float]) -> str:
    """Lay out milliseconds over the bare interpreter, ratio, budget and verdict."""
    unit = seconds[REFERENCE] - seconds[BARE]
    lines = [f"{'':50} {'ms':>7} {'ratio':>6} {'budget':>6}"]
    for name, taken in seconds.items():
        over, budget = taken - seconds[BARE], BUDGETS.get(name)
        verdict = "" if budget is None else f" {budget:6.2f} {'ok' if over / unit <= budget else 'over'}"
        shown = taken if name == BARE else over
        lines.append(f"{name:50} {shown * 1000:7.1f} {over / unit:6.2f}{verdict}")
    return "\n".join(lines)


def main() -> None:
    """Measure in an empty home and print the table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as home:
        blueprint = Path(home, "blueprint.json")
        buckets = {f"b{n}": {"naming": {"purpose": f"p{n}"}} for n in range(10)}
        metadata = {"project": "bench", "environment": "dev", "region": "us-east-1", "layer": "raw"}
        resources = {"aws_s3_bucket": buckets}
        blueprint.write_text(json.dumps({"version": "1", "metadata": metadata, "resources": resources}), "utf-8")
        env = {"PATH": os.environ["PATH"], "HOME": home, "DPN_HOME": f"{home}/.dpn"}
        print(table(measure(commands(blueprint), repeats, env)))


if __name__ == "__main__":
    main()
