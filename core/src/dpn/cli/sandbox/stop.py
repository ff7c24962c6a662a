"""`dpn sandbox stop`."""

from __future__ import annotations

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session
from dpn.report import clean


@command("quiet", examples=("dpn sandbox stop",))
def stop(session: Session, _: api.Options) -> None:
    """Stop the embedded cloud; its objects are there again after the next start."""
    stopped = api.sandbox_stop(session.world)
    session.changed = any(stopped.values())
    for name, ran in stopped.items():
        session.console.result(f"{clean(name)}: {'stopped' if ran else 'it was not running'}")


COMMAND = stop
