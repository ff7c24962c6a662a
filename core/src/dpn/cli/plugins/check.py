"""`dpn plugins check`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import OUTPUT, command
from dpn.cli.output import print_rows
from dpn.cli.session import Session
from dpn.errors import PluginError
from dpn.report import Line, clean


@command(
    *OUTPUT,
    params=(click.Argument(["name"], required=False),),
    examples=("dpn plugins check", "dpn plugins check aws"),
)
def check(session: Session, _: api.Options, name: str | None) -> int:
    """Load plugins, all or those of one name, and say what breaks the contract; exit with 7 if anything does."""
    checked = api.check_plugins(name)
    rows = [
        {
            "group": one.plugin.group, "name": one.plugin.name, "package": one.plugin.package,
            "version": one.plugin.version, "valid": not one.fault, "message": one.fault, "hint": one.hint,
        }
        for one in checked
    ]  # fmt: skip
    print_rows(session, rows, [line for one in checked for line in _lines(one)])
    return PluginError.exit_code if any(one.fault for one in checked) else 0


def _lines(one: api.Checked) -> list[Line]:
    who = clean(f"{one.plugin.group} {one.plugin.name} ({one.plugin.package} {one.plugin.version})")
    if not one.fault:
        return [Line(f"{who}: fine")]
    return [Line(f"{who}: {clean(one.fault)}", "error"), *([Line(f"  {clean(one.hint)}")] if one.hint else [])]


COMMAND = check
