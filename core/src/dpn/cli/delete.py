"""`dpn delete`: a whole stack, or some of it."""

from __future__ import annotations

from dataclasses import replace

import click

from dpn import api
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, WRITE, check_naming, command, told_apart
from dpn.cli.session import Session
from dpn.cli.work import Work, carry_out


@command(
    "stack", *BLUEPRINT, *CLOUD, "allow_deletes", *WRITE, *OUTPUT,
    params=(
        click.Argument(["things"], nargs=-1, metavar="[FILE|ADDRESS]..."),
        click.Option(["--cascade"], is_flag=True, help="Delete what depends on an ADDRESS too."),
        click.Option(["--archive"], is_flag=True, help="Archive instead, where the kind can be archived."),
    ),
    examples=(
        "dpn delete blueprint.json", "dpn delete 'aws_s3_bucket.lake[gold]'", "dpn delete --stack sales-lake.dev --yes",
    ),
)  # fmt: skip
def delete(session: Session, options: api.Options, things: tuple[str, ...], *, cascade: bool, archive: bool) -> int:
    """Delete everything of a stack that is in scope, or the named addresses; what depends on others goes first.

    Without FILE and --stack, the stack is that of the blueprint in this folder, else the only one there is.
    """
    file, addresses = told_apart(session, things)
    options = replace(options, file=file)
    check_naming(session, options)
    question = "Archive these resources?" if archive else "Delete these resources?"
    more = {"cascade": cascade, "archive": archive}
    return carry_out(session, options, Work(question, api.delete, (addresses,), more, reasons=False))


COMMAND = delete
