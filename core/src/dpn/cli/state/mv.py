"""`dpn state mv`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import STATE, command
from dpn.cli.session import Session
from dpn.report import clean


@command(
    *STATE, "lock_timeout", "quiet",
    params=(click.Argument(["old"]), click.Argument(["new"])),
    examples=("dpn state mv aws_s3_bucket.raw aws_s3_bucket.landing",),
)  # fmt: skip
def mv(session: Session, options: api.Options, old: str, new: str) -> None:
    """Give a record another address, OLD to NEW; references to it follow. Nothing in the cloud is changed."""
    api.move(options, old, new, session.world)
    session.changed = True
    session.console.result(f"{clean(old)} is now {clean(new)}.")
    session.console.note(f'In the blueprint, "was": "{clean(old)}" does the same for everybody.')


COMMAND = mv
