"""`dpn unlock`: take a stack of a team from a holder that is gone."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import STATE, command
from dpn.cli.session import Session


@command("file", *STATE, "yes", "json", "format", "quiet", examples=("dpn unlock", "dpn unlock --stack sales-lake.prd"))
def unlock(session: Session, options: api.Options) -> None:
    """Take a stack of a team from a holder that is gone, without waiting until its lease runs out.

    The holder can write nothing more, even if it is still there. What it left open stays open: dpn recover.
    """

    def confirm(key: str, who: str) -> bool:
        session.confirm(
            f"{report.clean(key)} is held by {report.clean(who)}. If it is still at work, it stops at its next write. "
            "Take the stack from it?"
        )
        return True

    key, had = api.unlock(options, session.world, confirm=confirm)
    session.changed = had is not None
    if session.json:
        session.print_json({"format_version": "1", "stack": key, "unlocked": had is not None})
    elif had:
        where = f"process {had.holder.pid} on {had.holder.host}"
        session.console.result(f"Unlocked {report.clean(key)}: {report.clean(where)} can write nothing more.")
    else:
        session.console.result(f"Nobody holds {report.clean(key)}.")


COMMAND = unlock
