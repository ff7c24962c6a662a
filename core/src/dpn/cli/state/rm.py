"""`dpn state rm`."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import STATE, WRITE, command
from dpn.cli.session import Session
from dpn.report import clean, count


@command(
    *STATE, *WRITE, "quiet",
    params=(click.Argument(["addresses"], nargs=-1, required=True, metavar="ADDRESS..."),),
    examples=("dpn state rm 'aws_s3_bucket.lake[gold]'",),
)  # fmt: skip
def rm(session: Session, options: api.Options, addresses: tuple[str, ...]) -> None:
    """Forget resources: they stay in the cloud, and dpn no longer manages them."""
    names = ", ".join(map(clean, addresses))
    session.confirm(f"Forget {names}? It stays in the cloud, and dpn will not find it again.")
    api.forget(options, addresses, session.world)
    session.changed = True
    session.console.result(f"Forgotten: {count(len(addresses), 'resource')}.")


COMMAND = rm
