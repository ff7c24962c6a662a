"""`dpn plugins list`."""

from __future__ import annotations

from typing import Any

from dpn import api, report
from dpn.cli.options import OUTPUT, command
from dpn.cli.output import print_rows
from dpn.cli.session import Session


@command(*OUTPUT, examples=("dpn plugins list", "dpn plugins list --json"))
def list_(session: Session, _: api.Options) -> None:
    """List the installed plugins by group, with the hooks that each answers; none of them is loaded."""
    found = [plugin for group in api.installed().values() for plugin in group]
    rows: list[dict[str, Any]] = [
        {
            "group": one.group, "name": one.name, "package": one.package, "version": one.version,
            "hooks": list(api.hooks_of(one)),
        }
        for one in found
    ]  # fmt: skip
    cells = [(*list(row.values())[:-1], ", ".join(row["hooks"])) for row in rows]
    print_rows(session, rows, report.table(("GROUP", "NAME", "PACKAGE", "VERSION", "HOOKS"), cells))


COMMAND = list_
