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
        click.Argument(["kind"], required=False, metavar="[KIND]"),
        click.Option(["--resource-type"], metavar="KIND", help="The kind, as an option."),
        click.Option(["--origin"], is_flag=True, help="Show where each value comes from."),
    ),
    examples=(
        "dpn config show", "dpn config show aws_s3_bucket",
        "dpn config show --resource-type aws_glue_table --environment prd --origin",
    ),
)  # fmt: skip
def show(session: Session, options: api.Options, kind: str | None, resource_type: str | None, *, origin: bool) -> int:
    """Show the naming variables of a kind with the value that wins, those of its pattern first, and the pattern.

    Without KIND, show the values that hold for every kind.
    """
    if kind and resource_type and kind != resource_type:
        raise click.UsageError(f"One kind at most: {kind} and {resource_type}")
    kind = kind or resource_type
    found, pattern, problems = api.config_rows(options, kind, session.world)
    rows: list[dict[str, Any]] = [
        {
            "variable": row.variable, "value": row.value, "used": row.used, "layer": row.layer, "key": row.origin,
            "place": str(row.place) if row.place else None,
        }
        for row in found
    ]  # fmt: skip
    session.console.complain(*report.problem_lines(problems))
    if session.json:
        session.print_json({"format_version": "1", "kind": kind, "pattern": _data(pattern), "variables": rows})
    else:
        session.console.result(*_lines(rows, origin=origin), *_pattern(pattern, origin=origin))
    return USAGE if any(problem.severity == "error" for problem in problems) else 0


def _lines(rows: list[dict[str, Any]], *, origin: bool) -> list[Line]:
    head = ("VARIABLE", "VALUE", *(("FROM",) if origin else ()))
    cells = [
        (
            row["variable"],
            "(not set)" if row["value"] is None else row["value"],
            *((_from(row["key"], row["place"]),) if origin else ()),
        )
        for row in rows
    ]
    return report.table(head, cells)


def _pattern(pattern: api.Source | None, *, origin: bool) -> list[Line]:
    if not pattern or not pattern.text:
        return []
    place = str(pattern.place) if pattern.place else None
    said = f" ({', '.join(filter(None, (pattern.key, place)))})" if origin else ""
    return [Line(""), Line(f"Pattern: {report.clean(pattern.text)}{report.clean(said)}")]


def _data(pattern: api.Source | None) -> dict[str, str | None] | None:
    if not pattern:
        return None
    return {"text": pattern.text, "key": pattern.key, "place": str(pattern.place) if pattern.place else None}


def _from(key: str, place: str | None) -> str:
    return f"{key} ({place})" if place else key


COMMAND = show
