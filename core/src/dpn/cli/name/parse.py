"""`dpn name parse`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.session import Session
from dpn.report import Line, clean


@command(
    *NAMING, *OUTPUT,
    params=(click.Argument(["kind"]), click.Argument(["name"])),
    examples=(
        "dpn name parse aws_s3_bucket oncology-lake-gold-prd-use1",
        "dpn name parse aws_glue_table fact_orders --json",
    ),
)  # fmt: skip
def parse(session: Session, options: api.Options, kind: str, name: str) -> int:
    """Read a name backwards: show the values that make it; exit with 1 unless there is just one reading.

    Values that `vocabulary` lists are preferred. A name that ends in a hash, or was shortened, cannot be read.
    """
    found = api.parse_name(options, kind, name, session.world)
    if session.json:
        more = {**({"more": True} if found.more else {}), **({"spec": dict(found.spec)} if found.spec else {})}
        session.print_json({"format_version": "1", "readings": [dict(one) for one in found.readings], **more})
    else:
        spec = "".join(f" spec.{field}=true" for field in found.spec)
        session.console.result(*(Line(f"{clean(_said(one))}{spec}") for one in found.readings))
    if not found.readings:
        why = found.why or f"The pattern of {kind} does not make {name!r}."
        session.console.complain(Line(f"error: {clean(why)}", "error"), "  See: dpn config show KIND, dpn name explain")
    elif len(found.readings) > 1:
        number = f"{'More than ' if found.more else ''}{len(found.readings)} readings"
        session.console.complain(Line(f"{number}: the name is ambiguous.", "warning"))
    return 0 if len(found.readings) == 1 else 1


def _said(reading: api.Reading) -> str:
    return " ".join(f"{name}={value}" for name, value in reading.items())


COMMAND = parse
