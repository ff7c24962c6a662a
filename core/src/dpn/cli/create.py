"""`dpn create`: what the plan creates and adopts."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, WRITE, command
from dpn.cli.output import preview
from dpn.cli.session import Session
from dpn.cli.work import Work, carry_out


@command(
    "file", *BLUEPRINT, *CLOUD, *SCOPE, "targets", *WRITE, *OUTPUT,
    params=(click.Option(["--dry-run"], is_flag=True, help="Only show what would be created."),),
    examples=("dpn create", "dpn create blueprint.json --dry-run", "dpn create --target 'aws_s3_bucket.*' --yes"),
)  # fmt: skip
def create(session: Session, options: api.Options, *, dry_run: bool) -> int:
    """Carry out only what the plan creates and adopts; nothing that exists is changed.

    A create that needs a change which is left out is refused.
    """
    if dry_run:
        return preview(session, options, api.plan(options, session.world, api.CREATES))
    return carry_out(session, options, Work("Create these resources?", api.apply, more={"actions": api.CREATES}))


COMMAND = create
