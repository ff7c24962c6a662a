"""`dpn sandbox env`."""

from __future__ import annotations

import shlex

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session


@command("json", examples=('eval "$(dpn sandbox env)" && aws s3 ls', "dpn sandbox env --json"))
def env(session: Session, _: api.Options) -> None:
    """Print the variables that lead the tools of the clouds to the sandbox, for a shell; it is started."""
    found = api.sandbox_env(session.world)
    if session.json:
        session.print_json(found)
    else:
        session.console.result(*(f"export {name}={shlex.quote(value)}" for name, value in sorted(found.items())))


COMMAND = env
