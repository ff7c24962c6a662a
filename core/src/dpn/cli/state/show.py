"""`dpn state show`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import OUTPUT, STATE, command
from dpn.cli.output import OPEN, warn_open
from dpn.cli.session import Session
from dpn.report import record_data, record_lines


@command(
    *STATE, *OUTPUT,
    params=(click.Argument(["address"]),),
    examples=("dpn state show 'aws_s3_bucket.lake[gold]'", "dpn state show aws_s3_bucket.raw --json"),
)  # fmt: skip
def show(session: Session, options: api.Options, address: str) -> int:
    """Show all that is recorded of one resource."""
    record, snapshot = api.record(options, address, session.world)
    if session.json:
        session.print_json(record_data(record))
    else:
        session.console.result(*record_lines(record, session.console.out.width))
    if snapshot.journal:
        warn_open(session, options, snapshot)
    return OPEN if snapshot.journal else 0


COMMAND = show
