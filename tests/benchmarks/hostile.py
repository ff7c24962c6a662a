"""Measure what it costs to refuse hostile patterns, values and names: `nox -s bench`.

Each case is what somebody writes to make dpn do something, or never come back. What counts is CPU time in this
process, with plugins and files loaded: the least of a few rounds, because what is measured is far below what the
machine does beside. The table has the dearest case of each door. Nothing fails here: it says `over` where the goal is
missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import dpn_aws
import dpn_azure
import dpn_databricks
import dpn_gcp
import dpn_snowflake
from dpn import Provider
from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.naming.auditing import Auditor
from dpn.naming.compiling import compile_pattern
from dpn.naming.quick import Quick
from dpn.naming.reading import Reader
from dpn.offers import kind_info
from dpn.provider import KindInfo

GOAL, ROUNDS, LONG = 10.0, 3, 100_000
PROVIDERS: tuple[Provider, ...] = tuple(
    provider
    for module in (dpn_aws, dpn_azure, dpn_databricks, dpn_gcp, dpn_snowflake)
    for provider in module.dpn_providers()
)
CODES = {one.name: one.region_codes for one in PROVIDERS}
INFOS = [kind_info(cls, one.name, "measured") for one in PROVIDERS for cls in one.kinds]

PATTERNS = (
    "{project.__class__.__init__.__globals__}", "{project!r}", "{project:>200000000}", "{0}", "{{project}}",
    "{% for x in range(999999999) %}a{% endfor %}", "{{ cycler.__init__.__globals__ }}", "{project:{environment}}",
    "%(project)999999999s", "${project}", "{project}\n", "a\x00b", "[" * 300, "{" * 300, "[{a}[{b}]]", "{a}" * 101,
    "x" * 301, "x" * LONG, "{" * LONG, "{project|max:99999999999999999}", "{project|" + "lower|" * 48 + "}",
    "-".join(f"{{v{number}}}" for number in range(60)),
)  # fmt: skip
"""Attribute access, width bombs, nested braces, templates of others, new lines, and too much of everything."""

VALUES = (
    "a" * 256, "a" * LONG, "a-" * LONG, "." * LONG, "\u00e4" * LONG, "\u200b" * LONG, "{project}", "{0.__class__}",
    "${HOME}", "$(id)", "a\nb", "a\x00b", "%n%s", "../../etc/passwd", "\u202eabc", "\ud800", "a/b",
)  # fmt: skip

NAMES = (
    "a" * LONG, "a-" * LONG, "-" * LONG, "." * LONG, "a." * LONG, "1." * LONG, "_" * LONG, "ab1-" * LONG,
    "\u00e4" * LONG, "\U0001f600" * LONG, "\u0301" * LONG, "\u200b" * LONG, "\x00" * LONG, "\n" * LONG, " " * LONG,
    "A" * LONG, "/" * LONG, "a/" * LONG, "{project}" * 999, "{project.__class__}", "a\nb", "a\n", "\ud800", "",
)  # fmt: skip
RUNS = ("a", "a-", "a_", "a.", "-", ".", "1.", "a/", "\u00e4", "x-y-", "Aa", "__", "..", "a ", "0")
"""What names as long as a kind takes, or longer by one, are made of: so far every expression must look."""


@dataclass(frozen=True)
class Worst:
    """The dearest case of a door, in milliseconds of CPU."""

    ms: float
    case: str


def cpu(work: Callable[[], object]) -> float:
    """Give the milliseconds of CPU that a work takes: the least of a few rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return min(taken)


def names(info: KindInfo) -> Iterator[str]:
    """Yield names that are hostile to a kind."""
    yield from NAMES
    for run in RUNS:
        for size in (info.name_rule.max, info.name_rule.max + 1):
            yield (run * size)[:size]
            yield f"{(run * size)[:size - 1]}!"


def stretched(made: Namer, info: KindInfo) -> Iterator[str]:
    """Yield names of the pattern that are as long as can be: one variable has all the words that there is room for."""
    short = {name: one.values[0] if one.values else "x" for name, one in info.variables.items()}
    short["region"] = next(iter(CODES[info.provider] or CODES["aws"]))
    named, _ = made.name(info.kind, naming=short)
    if named and (pattern := made.pattern(info.kind)):
        room = info.name_rule.max - len(named.name)
        yield named.name.replace("x", ("x" + f"{pattern.separator}a" * room)[: room + 1].rstrip(pattern.separator), 1)


def namer(*infos: KindInfo, patterns: str = "") -> Namer:
    """Give a namer with a project that is known."""
    files = NamingFiles(
        parse("defaults: {project: acme}\nvocabulary: {project: [acme, acme-two, a-b]}", "values.yaml", "yaml"),
        parse(patterns, "patterns.yaml", "yaml") if patterns else None,
    )
    return Namer(files, kinds={info.kind: info for info in infos}, environment="dev", region_codes=CODES)


def bucket() -> KindInfo:
    """Give the kind that patterns and values are tried on."""
    return next(info for info in INFOS if info.kind == "aws_s3_bucket")


def with_pattern(text: str) -> Callable[[], object]:
    """Give the compilation of a pattern."""
    info = bucket()
    known = {*info.variables, "project", "environment", "region"}
    return partial(compile_pattern, text, rule=info.name_rule, known=known, transforms={}, values={})


def doors(infos: list[KindInfo]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Yield each door, what is brought to it, and the work that this makes."""
    for text in PATTERNS:
        yield "a pattern", text, with_pattern(text)
    info = bucket()
    one, kind = namer(info), info.kind
    quick = Quick(one, kind)
    for text in VALUES:
        yield "a value", text, partial(one.name, kind, naming={"purpose": text})
        yield "a value of a stream", text, partial(quick.name, {"purpose": text})
    for info in infos:
        yield from _checked(info)
        if info.default_pattern:
            yield from _read(info)


def _checked(info: KindInfo) -> Iterator[tuple[str, str, Callable[[], object]]]:
    checker = namer(info).ready(info.kind).checker
    for name in names(info):
        yield "name check", f"{info.kind} {name}", partial(checker.problems, name)
        yield "name suggest", f"{info.kind} {name}", partial(checker.nearest, name)


def _read(info: KindInfo) -> Iterator[tuple[str, str, Callable[[], object]]]:
    made = namer(info)
    reader = Reader(made.ready(info.kind), made.forms(info.kind), made.closed)
    auditor = Auditor(made, info.kind)
    for name in (*names(info), *stretched(made, info)):
        yield "name parse", f"{info.kind} {name}", partial(reader.readings, info.name_rule.canonical(name))
        yield "name audit", f"{info.kind} {name}", partial(auditor.judge, name)


def measure(infos: list[KindInfo]) -> dict[str, tuple[Worst, int]]:
    """Give the dearest case of each door, and how many there were."""
    found: dict[str, tuple[Worst, int]] = {}
    for door, case, work in doors(infos):
        taken = cpu(work)
        worst, count = found.get(door, (Worst(-1.0, ""), 0))
        found[door] = (max(worst, Worst(taken, case), key=lambda one: one.ms), count + 1)
    return found


def table(found: dict[str, tuple[Worst, int]]) -> str:
    """Lay out the dearest case of each door, the goal and the verdict."""
    lines = [f"{'refusing hostile input, ms of CPU at most':44} {'cases':>7} {'':>8} {'goal':>6}"]
    for door, (worst, count) in found.items():
        verdict = "ok" if worst.ms <= GOAL else "over"
        lines.append(f"{door:44} {count:7,} {worst.ms:8.2f} {GOAL:6.0f} {verdict:4} {ascii(worst.case)[1:40]}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    print(table(measure(INFOS[: int(sys.argv[1])] if len(sys.argv) > 1 else INFOS)))


if __name__ == "__main__":
    main()
