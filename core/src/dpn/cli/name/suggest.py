"""`dpn name suggest`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import OUTPUT, command
from dpn.cli.session import Session
from dpn.report import Line, clean


@command(
    *OUTPUT,
    params=(click.Argument(["kind"]), click.Argument(["name"])),
    examples=("dpn name suggest aws_s3_bucket My_Bucket", "dpn name suggest aws_glue_table 'fact orders' --json"),
)  # fmt: skip
def suggest(session: Session, options: api.Options, kind: str, name: str) -> int:
    """Give the valid name that is nearest, which may be the name itself; exit with 1 if none is near."""
    found = api.suggest_name(options, kind, name, session.world)
    if session.json:
        session.print_json({"format_version": "1", "name": name, "valid": found == name, "suggestion": found})
    elif found is not None:
        session.console.result(clean(found))
    if found is None:
        session.console.complain(
            Line(f"error: No valid name is near {clean(name)!r}.", "error"),
            f"  See what is wrong with it: dpn name check {kind} NAME",
        )
    return 0 if found is not None else 1


COMMAND = suggest
