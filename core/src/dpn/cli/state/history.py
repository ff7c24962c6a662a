"""`dpn state history`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import OUTPUT, STATE, command
from dpn.cli.output import OPEN, print_rows, warn_open
from dpn.cli.session import Session


@command(*STATE, *OUTPUT, examples=("dpn state history", "dpn state history --stack sales-lake.dev --json"))
def history(session: Session, options: api.Options) -> int:
    """List the runs that have ended, the oldest first, each with the file of its journal."""
    _, snapshot = api.records(options, session.world)  # first: a damaged state is to be told as such
    rows = report.history_rows(api.history(options, session.world))
    print_rows(session, rows, report.history_lines(rows, is_open=bool(snapshot.journal)))
    if snapshot.journal:
        warn_open(session, options, snapshot)
    return OPEN if snapshot.journal else 0


COMMAND = history
