"""`dpn state push`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from dpn import api
from dpn.cli.options import STATE, WRITE, command
from dpn.cli.session import Session, again
from dpn.report import Line, clean


@command(
    *STATE, *WRITE, "json", "quiet",
    params=(
        click.Argument(["source"], type=click.Path(path_type=Path), metavar="FILE"),
        click.Option(["--force"], is_flag=True, help="Even if it is older, or of another lineage."),
    ),
    examples=("dpn state push state.json", "dpn state push state.json --stack sales-lake.prd --yes"),
)  # fmt: skip
def push(session: Session, options: api.Options, source: Path, *, force: bool) -> None:
    """Put the state of FILE, which `dpn state pull` wrote, in place of the one that is there.

    It is refused if it is older, or if the stack was begun anew since. Nothing in the cloud is changed.
    """

    def agree(transfer: api.Transfer) -> None:
        session.console.complain(*_lines(transfer))
        if transfer.now:
            kept = api.Options(stack=transfer.stack, sandbox=options.sandbox)
            session.console.complain(f"  To keep the one that is there: {again('state pull', kept, '--out', 'FILE')}")
        session.confirm(f"Replace the state of {clean(transfer.stack)}, serial {transfer.now}?")

    done = api.push(options, source, session.world, force=force, agree=agree)
    session.changed = not done.same
    if session.json:
        session.print_json({"format_version": "1", **asdict(done)})
    elif done.same:
        session.console.result("Nothing to do: that is the state already.")
    else:
        session.console.result(
            f"The state of {clean(done.stack)} is that of {clean(str(source))}, serial {done.serial}."
        )


def _lines(transfer: api.Transfer) -> list[Line]:
    marked = (("+", transfer.added), ("-", transfer.dropped), ("~", transfer.changed))
    lines = [Line(f"  {sign} {clean(address)}") for sign, addresses in marked for address in addresses]
    return lines or [Line("  The records are the same; what may still land, lineage or serial differ.")]


COMMAND = push
