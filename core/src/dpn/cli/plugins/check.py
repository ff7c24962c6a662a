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
    """Load plugins, all or those of one name, and say what breaks the contract; exit with 7 if anything does.

    Without a cloud, this holds the kinds of providers against their own rules and examples, the patterns of conventions
    against the installed kinds, and filters and custom names against a few values.
    """
    checked = api.check_plugins(name)
    rows = [
        {
            "group": one.plugin.group, "name": one.plugin.name, "package": one.plugin.package,
            "version": one.plugin.version, "valid": not one.faults, "message": " ".join(one.faults),
            "faults": list(one.faults), "hint": one.hint,
        }
        for one in checked
    ]  # fmt: skip
    print_rows(session, rows, [line for one in checked for line in _lines(one)])
    return PluginError.exit_code if any(one.faults for one in checked) else 0


def _lines(one: api.Checked) -> list[Line]:
    who = clean(f"{one.plugin.group} {one.plugin.name} ({one.plugin.package} {one.plugin.version})")
    if not one.faults:
        return [Line(f"{who}: fine")]
    said = [Line(f"{who}: {clean(fault)}", "error") for fault in one.faults]
    return [*said, *([Line(f"  {clean(one.hint)}")] if one.hint else [])]


COMMAND = check
