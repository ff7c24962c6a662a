"""`dpn name render`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as encode
from typing import Any

import click

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, Pair, command
from dpn.cli.session import Session
from dpn.cli.streams import STDIN, bad_line, batches
from dpn.errors import DpnError
from dpn.report import clean

_DECODE = json.JSONDecoder().raw_decode
_NOTHING: dict[str, Any] = {}
_FLAGS: Mapping[str, bool] = {"true": True, "false": False}


@command(
    *NAMING, *OUTPUT,
    params=(
        click.Argument(["kind"], metavar="KIND|-"),
        click.Argument(["values"], nargs=-1, type=Pair(), metavar="[KEY=VALUE]..."),
        click.Option(
            ["--spec"], multiple=True, type=Pair(), metavar="FIELD=true",
            help="What the spec says, where it decides on the name.",
        ),
    ),
    examples=(
        "dpn name render aws_s3_bucket purpose=lake region=us-east-1",
        "dpn name render aws_sqs_queue purpose=orders queue_type=main --spec fifo=true",
        """echo '{"kind": "aws_s3_bucket", "values": {"purpose": "lake"}}' | dpn name render -""",
    ),
)  # fmt: skip
def render(
    session: Session, options: api.Options, kind: str, values: tuple[tuple[str, str], ...],
    spec: tuple[tuple[str, str], ...],
) -> int:  # fmt: skip
    """Give the name that the convention makes of these values.

    With `-`, read JSON lines {"kind", "values"}, with a "spec" where that decides on the name, and print JSON lines
    {"name"} or {"error"}; exit with 1 if any is bad.
    """
    if kind == STDIN:
        return _lines(session, options)
    said = {field: _FLAGS.get(text, text) for field, text in spec}
    name, problems = api.rendered_name(options, kind, dict(values), session.world, spec=said)
    session.console.note(*report.problem_lines(problems))
    if session.json:
        session.print_json({"format_version": "1", "name": name})
    else:
        session.console.result(clean(name))
    return 0


def _lines(session: Session, options: api.Options) -> int:
    stream, bad = api.NameStream(options, session.world), 0
    for batch in batches():
        answers = [_answer(stream, line) for line in batch if line and not line.isspace()]
        bad += sum(not good for _, good in answers)
        session.console.out.write("".join([text for text, _ in answers]))
        if session.console.out.broken:
            break
    return 1 if bad else 0


def _answer(stream: api.NameStream, line: str) -> tuple[str, bool]:
    """Give the answer to a line, and whether it is a name."""
    try:
        return f'{{"name": {encode(stream.name(*_asked(line)))}}}\n', True
    except DpnError as error:
        return f'{{"error": {encode(api.said(error))}}}\n', False


def _asked(line: str) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
    try:
        data, end = _DECODE(line)
        if end != len(line):
            data = json.loads(line)
    except ValueError:
        data = _carefully(line)
    except RecursionError as error:
        raise bad_line("LINE-JSON", "This line is nested too deeply.") from error
    if data.__class__ is dict:
        kind, values, spec = data.get("kind"), data.get("values", _NOTHING), data.get("spec", _NOTHING)
        if kind.__class__ is str and values.__class__ is dict and spec.__class__ is dict:
            return kind, values, spec
    raise bad_line("LINE-SHAPE", 'A line is {"kind": KIND, "values": {NAME: VALUE}}, and may have a "spec": {}.')


def _carefully(line: str) -> Any:
    """Read a line again that has something before or behind its JSON, white space or not."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise bad_line("LINE-JSON", f"This line is no JSON: {error}.") from error


COMMAND = render
