"""`dpn name check`."""

from __future__ import annotations

import sys

import click

from dpn import api
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.output import print_rows
from dpn.cli.session import Session
from dpn.report import Line, clean


@command(
    *NAMING, *OUTPUT,
    params=(
        click.Argument(["kind"]),
        click.Argument(["names"], nargs=-1, required=True, metavar="NAME..."),
    ),
    examples=("dpn name check aws_s3_bucket my-bucket", "cat names.txt | dpn name check aws_glue_database - --json"),
)  # fmt: skip
def check(session: Session, options: api.Options, kind: str, names: tuple[str, ...]) -> int:
    """Check names against the rule that the cloud has for a kind; exit with 1 if any is not valid.

    With `-`, names are read from standard input too, one a line.
    """
    asked = [name for given in names for name in (_read() if given == "-" else [given])]
    found = api.check_names(options, kind, asked, session.world)
    rows = [
        {
            "name": name, "valid": not found[name],
            "problems": [{"rule": problem.code, "message": problem.message} for problem in found[name]],
        }
        for name in asked
    ]  # fmt: skip
    lines = [line for name in asked for line in _lines(name, [str(problem.message) for problem in found[name]])]
    print_rows(session, rows, lines)
    return 1 if any(found[name] for name in asked) else 0


def _read() -> list[str]:
    return [line.rstrip("\r\n") for line in sys.stdin]


def _lines(name: str, complaints: list[str]) -> list[Line]:
    if not complaints:
        return [Line(f"{clean(name)}: valid")]
    return [Line(f"{clean(name)}: not valid", "error"), *(Line(f"  {clean(text)}") for text in complaints)]


COMMAND = check
