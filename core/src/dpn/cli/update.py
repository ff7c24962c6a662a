"""`dpn update`: updates and renames, and edits of single values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import unified_diff

import click

from dpn import api
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, WRITE, Pair, command, told_apart
from dpn.cli.session import Session
from dpn.cli.work import Work, carry_out
from dpn.errors import InputError
from dpn.report import Line, Style, clean

_STYLES: dict[str, Style] = {"+": "create", "-": "destroy"}


@command(
    *BLUEPRINT, *CLOUD, *SCOPE, *WRITE, *OUTPUT,
    params=(
        click.Argument(["things"], nargs=-1, metavar="[FILE] [ADDRESS]..."),
        click.Option(["--rename"], is_flag=True, help="Only renames."),
        click.Option(
            ["--set", "values"], type=Pair(), multiple=True,
            help="Set a value of the one ADDRESS in the blueprint first, as in spec.versioning=true; repeatable.",
        ),
    ),
    examples=(
        "dpn update", "dpn update blueprint.json aws_s3_bucket.lake --set spec.versioning=false", "dpn update --rename",
    ),
)  # fmt: skip
def update(
    session: Session,
    options: api.Options,
    things: tuple[str, ...],
    *,
    rename: bool,
    values: tuple[tuple[str, str], ...],
) -> int:
    """Carry out only updates and renames: nothing is created, replaced or deleted.

    With --set, the blueprint is edited first: the edit is shown, and comments are kept.
    """
    file, addresses = told_apart(session, things)
    options = replace(options, file=file, targets=addresses)
    question = "Rename these resources?" if rename else "Update these resources?"
    actions = api.RENAMES if rename else api.UPDATES
    with _edited(session, options, addresses, dict(values)):
        return carry_out(session, options, Work(question, api.apply, more={"actions": actions}))


@contextmanager
def _edited(
    session: Session, options: api.Options, addresses: tuple[str, ...], values: dict[str, str]
) -> Iterator[None]:
    """Edit the blueprint, as agreed; what turns out not to be valid is taken back."""
    if not values:
        yield
        return
    if len(addresses) != 1:
        raise click.UsageError("--set needs the one ADDRESS whose values it sets")
    made = api.edit(options, addresses[0], values, session.world)
    _show(session, made)
    session.confirm("Write this edit?")
    api.write_edit(made, session.world)
    session.changed = True
    try:
        yield
    except InputError:
        api.write_edit(made, session.world, back=True)
        session.changed = False
        session.console.complain("The edit is not valid and was taken back.")
        raise


def _show(session: Session, made: api.Edit) -> None:
    name = made.path.name
    lines = unified_diff(made.before.splitlines(), made.after.splitlines(), name, name, lineterm="")
    session.console.complain(*(Line(clean(line), _STYLES.get(line[:1], "")) for line in lines))


COMMAND = update
