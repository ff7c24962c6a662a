"""`dpn schema`: JSON Schemas of what dpn reads and prints."""

from __future__ import annotations

from typing import Any

import click

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session

FILES = ("naming-values", "naming-patterns")
WRITTEN = ("plan", "result", "event", "receipt", "problem")


@command(
    params=(
        click.Option(
            ["--of", "what"], type=click.Choice(["blueprint", *FILES, *WRITTEN]), default="blueprint",
            help="What the schema is of; plan and result are those of --json.",
        ),
        click.Option(["--kind", "kinds"], multiple=True, metavar="KIND", help="Only this kind; repeatable."),
    ),
    examples=(
        "dpn schema > blueprint.schema.json", "dpn schema --kind aws_s3_bucket", "dpn schema --of naming-patterns",
        "dpn schema --of plan",
    ),
)  # fmt: skip
def schema(session: Session, options: api.Options, what: str, kinds: tuple[str, ...]) -> None:
    """Print a JSON Schema (2020-12): by default that of blueprints, with each installed kind."""
    if what in FILES:
        session.print_json(api.naming_schema(what))
    else:
        session.print_json(api.schema(options, session.world, kinds or None) if what == "blueprint" else _shape(what))


def _shape(what: str) -> dict[str, Any]:
    from dpn import model, report, shapes  # noqa: PLC0415 - reading annotations is for this command only

    classes = {
        "plan": report.PlanData, "result": report.ResultData, "event": model.Event, "receipt": model.Receipt,
        "problem": model.Problem,
    }  # fmt: skip
    return shapes.json_schema(classes[what], f"dpn {what}")


COMMAND = schema
