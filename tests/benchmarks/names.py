"""Measure how many names a second `dpn name render -` gives: `nox -s bench`.

The command is the installed script, as a user starts it, with files for input and output. What counts is CPU time (user
and system) beyond that of the same command with a single line, so that start-up is left out. Beside it, in the same
run, plain `str.format` makes as many names from a list in memory: the least that any engine could do. Medians of a few
rounds, all rows in turn. Nothing fails here: the table says `under` where the goal is missed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

LINES, ROUNDS = 100_000, 3
GOAL = 100_000
TEMPLATE = "{project}-{purpose}-{layer}-{environment}-{region}"
LAYERS = ("bronze", "silver", "gold")


def new_values(count: int) -> Iterator[dict[str, str]]:
    """Yield values of which each purpose is new."""
    for number in range(count):
        yield {"purpose": f"lake{number}", "layer": LAYERS[number % 3]}


def hyphenated(count: int) -> Iterator[dict[str, str]]:
    """Yield values of which each purpose is new and has words, so that none is a name's word as it stands."""
    for number in range(count):
        yield {"purpose": f"Raw_Data {number}", "layer": LAYERS[number % 3]}


def repeated(count: int) -> Iterator[dict[str, str]]:
    """Yield values that come back: what a real list of tables and buckets looks like."""
    for number in range(count):
        yield {"purpose": f"raw-data-{number % 1000}", "layer": LAYERS[number % 3]}


ROWS: Mapping[str, Callable[[int], Iterator[dict[str, str]]]] = {
    "all values new": new_values,
    "all values new, of several words": hyphenated,
    "values that come back": repeated,
}


def cpu(lines: Path, env: Mapping[str, str]) -> float:
    """Run the command over a file of lines; give its seconds of CPU, or refuse if a name was not made."""
    command = [sys.executable, str(Path(sys.executable).with_name("dpn")), "name", "render", "-"]
    out = lines.with_suffix(".out")
    files: list[Any] = [
        (os.POSIX_SPAWN_OPEN, 0, str(lines), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    pid = os.posix_spawn(command[0], command, dict(env), file_actions=files)
    _, status, usage = os.wait4(pid, 0)
    made = out.read_text("utf-8").count('{"name": ')
    asked = lines.read_text("utf-8").count("\n")
    if os.waitstatus_to_exitcode(status) or made != asked:
        sys.exit(f"{lines.name}: {made} names of {asked}; nothing to measure")
    return usage.ru_utime + usage.ru_stime


def plain(count: int) -> float:
    """Make as many names with str.format; give the seconds of CPU."""
    every = [{"project": "acme", "environment": "dev", "region": "use1", **values} for values in new_values(count)]
    before = resource.getrusage(resource.RUSAGE_SELF)
    for values in every:
        TEMPLATE.format(**values)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure(count: int, rounds: int) -> dict[str, float]:
    """Give names a second of each row."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "DPN_HOME": f"{home}/.dpn"}
        Path(home, ".dpn").mkdir()
        Path(home, ".dpn", "naming-values.yaml").write_text("defaults: {project: acme, region: us-east-1}\n", "utf-8")
        files = {name: Path(home, f"{at}.jsonl") for at, name in enumerate(("one", *ROWS))}
        for name, path in files.items():
            values = ROWS.get(name, new_values)(1 if name == "one" else count)
            lines = (json.dumps({"kind": "aws_s3_bucket", "values": one}) for one in values)
            path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        taken = [{name: cpu(path, env) for name, path in files.items()} for _ in range(rounds + 1)][1:]
        start = median(one["one"] for one in taken)
        rates = {name: count / max(median(one[name] for one in taken) - start, 1e-9) for name in ROWS}
    return {**rates, "str.format alone": count / max(median(plain(count) for _ in range(rounds)), 1e-9)}


def table(rates: Mapping[str, float]) -> str:
    """Lay out names a second, the goal and the verdict."""
    lines = [f"{'dpn name render -, names a second of CPU':44} {'':>10} {'goal':>8}"]
    for name, rate in rates.items():
        verdict = f" {GOAL:8,} {'ok' if rate >= GOAL else 'under'}" if name in ROWS else ""
        lines.append(f"{name:44} {rate:10,.0f}{verdict}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    print(table(measure(count, ROUNDS)))


if __name__ == "__main__":
    main()
