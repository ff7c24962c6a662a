"""The command line: options to one call of `dpn.api` to lines. No decision about the cloud is made here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dpn.cli.session import Session
from dpn.cli.tree import ROOT

__all__ = ["Session", "main"]


def main(arguments: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Run one command and give its exit code; tests bring a session with a world and plugins of their own."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    session = session or Session()
    if asked := os.environ.get("_DPN_COMPLETE"):
        from click.shell_completion import shell_complete  # noqa: PLC0415 - only a shell asks for it

        return shell_complete(ROOT, {"obj": session}, "dpn", "_DPN_COMPLETE", asked)
    return session.run(ROOT, given)
