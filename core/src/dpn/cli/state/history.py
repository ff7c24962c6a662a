"""`dpn state history`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import OUTPUT, STATE, command
from dpn.cli.output import print_rows
from dpn.cli.session import Session


@command(*STATE, *OUTPUT, examples=("dpn state history", "dpn state history --stack sales-lake.dev --json"))
def history(session: Session, options: api.Options) -> None:
    """List the runs that have ended, the oldest first, each with the file of its journal."""
    rows = report.history_rows(api.history(options, session.world))
    print_rows(session, rows, report.history_lines(rows))


COMMAND = history
