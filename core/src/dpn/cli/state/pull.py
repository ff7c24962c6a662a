"""`dpn state pull`."""

from __future__ import annotations

from pathlib import Path

import click

from dpn import api
from dpn.cli.options import STATE, command
from dpn.cli.session import Session
from dpn.report import clean


@command(
    *STATE, "json", "quiet",
    params=(click.Option(["--out"], type=click.Path(path_type=Path), metavar="FILE", help="Write it there, 0600."),),
    examples=("dpn state pull --out state.json", "dpn state pull --stack sales-lake.prd > state.json"),
)  # fmt: skip
def pull(session: Session, options: api.Options, out: Path | None) -> None:
    """Print the committed state of a stack as JSON, sealed so that `dpn state push` can tell whether it is whole."""
    content = api.pull(options, session.world)
    if out is None:
        session.console.out.write(content.decode("ascii"))
        return
    api.write_state(content, out, session.world)
    session.changed = True
    if session.json:
        session.print_json({"format_version": "1", "file": str(out)})
    else:
        session.console.note(f"Written to {clean(str(out))}.")


COMMAND = pull
