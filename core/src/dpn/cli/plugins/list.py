"""`dpn plugins list`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import OUTPUT, command
from dpn.cli.output import print_rows
from dpn.cli.session import Session


@command(*OUTPUT, examples=("dpn plugins list", "dpn plugins list --json"))
def list_(session: Session, _: api.Options) -> None:
    """List the installed plugins by group; none of them is loaded."""
    found = [plugin for group in api.installed().values() for plugin in group]
    rows = [{"group": one.group, "name": one.name, "package": one.package, "version": one.version} for one in found]
    cells = [tuple(row.values()) for row in rows]
    print_rows(session, rows, report.table(("GROUP", "NAME", "PACKAGE", "VERSION"), cells))


COMMAND = list_
