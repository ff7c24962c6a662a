"""`dpn sandbox reset`."""

from __future__ import annotations

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session


@command("yes", "quiet", examples=("dpn sandbox reset", "dpn sandbox reset --yes"))
def reset(session: Session, _: api.Options) -> None:
    """Drop all objects of the embedded cloud together with its stacks."""
    session.confirm("Drop everything in the sandbox?")
    api.sandbox_reset(session.world)
    session.changed = True
    session.console.result("The sandbox is empty.")


COMMAND = reset
