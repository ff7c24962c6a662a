"""`dpn name render`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, Pair, command
from dpn.cli.session import Session
from dpn.errors import DpnError, InputError
from dpn.report import clean

STDIN = "-"


@command(
    *NAMING, *OUTPUT,
    params=(
        click.Argument(["kind"], metavar="KIND|-"),
        click.Argument(["values"], nargs=-1, type=Pair(), metavar="[KEY=VALUE]..."),
    ),
    examples=(
        "dpn name render aws_s3_bucket purpose=lake region=us-east-1",
        """echo '{"kind": "aws_s3_bucket", "values": {"purpose": "lake"}}' | dpn name render -""",
    ),
)  # fmt: skip
def render(session: Session, options: api.Options, kind: str, values: tuple[tuple[str, str], ...]) -> int:
    """Give the name that the convention makes of these values.

    With `-`, read JSON lines {"kind", "values"} and print JSON lines {"name"} or {"error"}; exit with 1 if any is bad.
    """
    if kind == STDIN:
        return _lines(session, options)
    name, problems = api.rendered_name(options, kind, dict(values), session.world)
    session.console.note(*report.problem_lines(problems))
    if session.json:
        session.print_json({"format_version": "1", "name": name})
    else:
        session.console.result(clean(name))
    return 0


def _lines(session: Session, options: api.Options) -> int:
    bad = 0
    for line in sys.stdin:
        if line.strip():
            answer = _answer(session, options, line)
            bad += "error" in answer
            session.console.out.write(json.dumps(answer) + "\n")
    return 1 if bad else 0


def _answer(session: Session, options: api.Options, line: str) -> dict[str, str]:
    try:
        kind, values = _asked(line)
        return {"name": api.render_name(options, kind, values, session.world)}
    except DpnError as error:
        return {"error": "; ".join(map(str, error.problems)) or f"{error.message} {error.hint}".rstrip()}


def _asked(line: str) -> tuple[str, dict[str, str]]:
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"This line is no JSON: {error}.") from error
    kind = data.get("kind") if isinstance(data, Mapping) else None
    values = data.get("values", {}) if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or not isinstance(values, Mapping):
        raise InputError('A line is {"kind": KIND, "values": {NAME: VALUE}}.')
    if wrong := [name for name, value in values.items() if not isinstance(value, str)]:
        raise InputError(f"The value of {wrong[0]} is no text.")
    return kind, dict(values)


COMMAND = render
