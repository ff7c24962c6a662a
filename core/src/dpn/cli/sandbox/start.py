"""`dpn sandbox start`."""

from __future__ import annotations

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session
from dpn.report import clean


@command("quiet", examples=("dpn sandbox start",))
def start(session: Session, _: api.Options) -> None:
    """Start the embedded cloud unless it runs; what it held is there again."""
    started = api.sandbox_start(session.world)
    session.changed = True
    for name, settings in started.items():
        where = settings.get("endpoint_url") or settings.get("host") or "ready"
        session.console.result(f"{clean(name)}: {clean(where)}")
    session.console.note('Use it: dpn apply --sandbox. With other tools: eval "$(dpn sandbox env)"')


COMMAND = start
