"""`dpn plan`: the preview."""

from __future__ import annotations

import os
from pathlib import Path

import click

from dpn import api
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, command
from dpn.cli.output import OPEN, show_plan, warn_open
from dpn.cli.session import CHANGES, Session, again
from dpn.world import World


@command(
    "file", *BLUEPRINT, *CLOUD, *SCOPE, "targets", "replaced", "allow_deletes", *OUTPUT,
    params=(
        click.Option(["--out"], type=click.Path(path_type=Path), help="Save the plan, for dpn apply PATH."),
        click.Option(["--offline"], is_flag=True, help="Take the recorded state for the cloud; call nobody."),
        click.Option(["--detailed-exitcode"], is_flag=True, help="Exit with 2 if there are changes."),
        click.Option(["--show-rollback"], is_flag=True, help="Say how each change would be undone."),
    ),
    examples=(
        "dpn plan", "dpn plan blueprint.json -e prd", "dpn plan --offline --json",
        "dpn plan --target 'aws_s3_bucket.*' --out plan.json",
    ),
)  # fmt: skip
def plan(
    session: Session, options: api.Options, out: Path | None, *, detailed_exitcode: bool, show_rollback: bool
) -> int:
    """Show what would change; nothing is changed.

    FILE is a blueprint, JSON or YAML; by default blueprint.json, .yaml or .yml in this folder.
    """
    if out:
        _check_place(session.world or World(), out)
    planned = api.plan(options, session.world)
    if out and not planned.open:
        api.save(planned, options, out, session.world)
    show_plan(session, planned, session.console.out, undo=show_rollback)
    if planned.open:
        session.console.complain(*([f"Not saved to {out}: the plan would not hold."] if out else ()))
        warn_open(session, options, planned.snapshot)
        return OPEN
    changed = not api.is_empty(planned.plan)
    if changed and not options.offline:
        following = again("apply", api.Options(file=out)) if out else again("apply", options)
        session.console.note(f"Next: {following}")
    return CHANGES if changed and detailed_exitcode else 0


def _check_place(world: World, out: Path) -> None:
    """Refuse a path that cannot be written to, before the cloud is looked at. UsageError."""
    path = world.cwd / out
    if not path.parent.is_dir():
        raise click.UsageError(f"--out {out}: there is no folder {path.parent}")
    if path.is_dir():
        raise click.UsageError(f"--out {out}: it is a folder")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise click.UsageError(f"--out {out}: the folder {path.parent} cannot be written to")


COMMAND = plan
