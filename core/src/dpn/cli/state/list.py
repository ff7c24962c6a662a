"""`dpn state list`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import OUTPUT, STATE, command
from dpn.cli.output import OPEN, print_rows, warn_open
from dpn.cli.session import Session


@command(*STATE, *OUTPUT, examples=("dpn state list", "dpn state list --stack sales-lake.prd --json"))
def list_(session: Session, options: api.Options) -> int:
    """List the recorded resources; nothing is called.

    A status is ready, partial, archived, or, while a run has not ended, open or blocked.
    """
    records, snapshot = api.records(options, session.world)
    rows = report.state_rows(records, api.unsettled(snapshot))
    print_rows(session, rows, report.state_lines(rows))
    if snapshot.journal:
        warn_open(session, options, snapshot)
    return OPEN if snapshot.journal else 0


COMMAND = list_
