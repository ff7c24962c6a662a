"""`dpn name audit`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import click

from dpn import api, report
from dpn.cli.options import BLUEPRINT, CLOUD, chosen_format, command
from dpn.cli.session import Session
from dpn.cli.streams import STDIN, bad_line, batches
from dpn.errors import DpnError
from dpn.report import Line, clean
from dpn.version import VERSION

_MANY = 1000

_Found: TypeAlias = "api.Audited | api.Unlisted | _Bad"
_Asked: TypeAlias = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Bad:
    """A line of standard input that names no name."""

    line: int
    why: str


@dataclass
class _Audit:
    """What is printed of an audit while it goes on."""

    session: Session
    writer: report.Writer
    tally: report.Tally = field(default_factory=report.Tally)
    unlisted: list[api.Unlisted] = field(default_factory=list)

    def take(self, found: Iterable[_Found]) -> None:
        """Count and print some names, and say what is none."""
        names: list[api.Audited] = []
        for one in found:
            if isinstance(one, api.Audited):
                self.tally.add(one.kind, one.complies)
                names.append(one)
            else:
                self._complain(one)
        self.session.console.result(*self.writer.rows(names))

    def _complain(self, one: api.Unlisted | _Bad) -> None:
        if isinstance(one, api.Unlisted):
            self.unlisted.append(one)
            self.tally.failed += one.failed
            return
        self.tally.refused += 1
        self.session.console.complain(Line(f"error: line {one.line}: {clean(one.why)}", "error"))

    def end(self) -> None:
        """Print the figures, and the kinds that are not among them, those with one reason together."""
        self.session.console.result(*self.writer.end(self.tally, self.unlisted))
        groups: dict[tuple[str, bool], list[str]] = {}
        for one in self.unlisted:
            what = f"{one.kind} ({one.alias})" if one.alias not in ("", one.kind.partition("_")[0]) else one.kind
            groups.setdefault((one.why, one.failed), []).append(what)
        for (why, failed), kinds in groups.items():
            style: report.Style = "error" if failed else "warning"
            said = f"{style}: {'these were' if len(kinds) > 1 else 'this was'} not listed: {', '.join(kinds)}"
            self.session.console.complain(Line(clean(said), style), Line(f"  {clean(why)}"))


@command(
    *BLUEPRINT, *CLOUD, "json", "quiet", "verbose",
    params=(
        click.Argument(["things"], nargs=-1, metavar="[KIND|GLOB] [FILE|-]"),
        click.Option(
            ["--threshold"], type=click.FloatRange(0, 100), default=100.0, metavar="PERCENT", show_default=True,
            help="How many of the names must comply.",
        ),
        click.Option(
            ["--format", "forms"], type=click.Choice(["table", "json", "csv", "sarif"]), multiple=True,
            help="How to print the result; else a table.",
        ),
    ),
    examples=(
        "dpn name audit 'aws_*'", "cat names.txt | dpn name audit aws_s3_bucket - --threshold 95",
        """echo '{"kind": "aws_s3_bucket", "name": "my-lake"}' | dpn name audit -""",
        "dpn name audit aws_glue_table --format sarif > names.sarif",
    ),
)  # fmt: skip
def audit(
    session: Session, options: api.Options, things: tuple[str, ...], threshold: float, forms: tuple[str, ...]
) -> int:
    """Judge names by the cloud's rules and by the convention; exit with 1 unless all comply, or PERCENT of them.

    The names are those that are there, whoever gave them: the provider lists them. With `-` they are read from standard
    input, for a KIND one a line, else as JSON lines {"kind", "name"}. A name complies if it can be read back by the
    pattern of its kind. The table shows the others; with -v, and in JSON and CSV, all are there.
    """
    form = chosen_format(session, forms, "table")
    session.json = form == "json"
    found = _found(session, options, things)
    first = next(found, [])  # what is refused is refused before anything is printed
    session.json = False
    audit = _Audit(session, report.audit_writer(form, VERSION, every=session.verbose))
    session.console.result(*audit.writer.begin())
    audit.take(first)
    for some in found:
        if session.console.out.broken:
            break
        audit.take(some)
    audit.end()
    return 0 if audit.tally.reaches(threshold) and not audit.tally.incomplete else 1


def _found(session: Session, options: api.Options, things: tuple[str, ...]) -> Iterator[list[_Found]]:
    """Give what is found, in batches that are no larger than need be."""
    rest = [thing for thing in things if thing != STDIN]
    files = [thing for thing in rest if "." in thing or "/" in thing]
    globs = [thing for thing in rest if thing not in files]
    live = options.sandbox or options.parallelism is not None or options.max_size is not None
    if len(globs) > 1 or len(files) > 1 or (STDIN in things and (files or live)):
        raise click.UsageError("Give a KIND and -, or - alone, or a wildcard for kinds and a FILE")
    if STDIN in things:
        judge = api.NameAudit(options, session.world)
        if globs:
            judge.refuse_unknown(globs[0])
        return _lines(judge, (lambda line: (globs[0], line)) if globs else _of_json)
    options = replace(options, file=Path(files[0])) if files else options
    return _batched(api.audit_names(options, globs[0] if globs else "*", session.world))


def _batched(found: Iterator[_Found]) -> Iterator[list[_Found]]:
    while some := list(islice(found, _MANY)):
        yield some


def _lines(judge: api.NameAudit, asked: _Asked) -> Iterator[list[_Found]]:
    number = 0
    for batch in batches():
        lines = [line.rstrip("\r\n") for line in batch]
        yield [_judged(judge, asked, line, at) for at, line in enumerate(lines, number + 1) if line]
        number += len(lines)


def _judged(judge: api.NameAudit, asked: _Asked, line: str, number: int) -> _Found:
    try:
        return judge.judge(*asked(line))
    except DpnError as error:
        return _Bad(number, api.said(error))


def _of_json(line: str) -> tuple[str, str]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise bad_line("LINE-JSON", f"This line is no JSON: {error}.") from error
    if isinstance(data, dict):
        kind, name = data.get("kind"), data.get("name")
        if isinstance(kind, str) and isinstance(name, str):
            return kind, name
    raise bad_line("LINE-SHAPE", 'A line is {"kind": KIND, "name": NAME}.')


COMMAND = audit
