"""`dpn config show`."""

from __future__ import annotations

from typing import Any

import click

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.session import USAGE, Session
from dpn.report import Line


@command(
    *NAMING, *OUTPUT,
    params=(
        click.Argument(["kind"]),
        click.Option(["--origin"], is_flag=True, help="Show where each value comes from."),
    ),
    examples=("dpn config show aws_s3_bucket", "dpn config show aws_glue_table --origin -e prd"),
)  # fmt: skip
def show(session: Session, options: api.Options, kind: str, *, origin: bool) -> int:
    """Show the naming variables of a kind, with the value that wins; those of its pattern come first."""
    found, problems = api.config_rows(options, kind, session.world)
    broken = any(problem.severity == "error" for problem in problems)
    rows: list[dict[str, Any]] = [
        {
            "variable": row.variable, "value": row.value, "used": row.used, "layer": row.layer, "key": row.origin,
            "place": str(row.place) if row.place else None,
        }
        for row in found
    ]  # fmt: skip
    session.console.complain(*report.problem_lines(problems))
    if session.json:
        session.print_json({"format_version": "1", "kind": kind, "variables": rows})
    else:
        session.console.result(*_lines(rows, origin=origin))
    return USAGE if broken else 0


def _lines(rows: list[dict[str, Any]], *, origin: bool) -> list[Line]:
    head = ("VARIABLE", "VALUE", *(("FROM",) if origin else ()))
    cells = [
        (
            row["variable"],
            "(not set)" if row["value"] is None else row["value"],
            *((" ".join(filter(None, (row["key"], f"({row['place']})" if row["place"] else ""))),) if origin else ()),
        )
        for row in rows
    ]
    return report.table(head, cells)


COMMAND = show
