"""`dpn completion`: completion in a shell."""

from __future__ import annotations

import click

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session


@command(
    params=(click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"])),),
    examples=('eval "$(dpn completion bash)"', "dpn completion fish > ~/.config/fish/completions/dpn.fish"),
)
def completion(session: Session, _: api.Options, shell: str) -> None:
    """Print the script that completes commands and options in a shell."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only here

    from dpn.cli.tree import ROOT  # noqa: PLC0415 - the tree imports this module by name only

    maker = get_completion_class(shell)
    assert maker  # one for each choice
    session.console.out.write(maker(ROOT, {}, "dpn", "_DPN_COMPLETE").source() + "\n")


COMMAND = completion
