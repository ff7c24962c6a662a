"""`dpn state migrate`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from dpn import api
from dpn.cli.options import Pair, command
from dpn.cli.session import Session
from dpn.report import Line, clean, count


@command(
    "stack", "sandbox", "lock_timeout", "json", "quiet",
    params=(
        click.Option(["--to"], required=True, metavar="BACKEND", help="The backend, as in config.yaml: file, …"),
        click.Option(["--set", "values"], type=Pair(), multiple=True, help="A setting of the backend; repeatable."),
    ),
    examples=("dpn state migrate --to file --set path=/srv/dpn", "dpn state migrate --to team --stack sales-lake.prd"),
)  # fmt: skip
def migrate(session: Session, options: api.Options, to: str, values: tuple[tuple[str, str], ...]) -> None:
    """Move the state of all stacks, or of one, to another backend, and print what leads there in config.yaml.

    Each copy is read back and compared; then the stack is marked as moved, and nothing is changed here any more. Runs
    that have ended are not copied. It can be repeated.
    """
    settings = {key: _value(text) for key, text in values}
    done, chosen = api.migrate(options, to, settings, session.world)
    session.changed = any(not one.same for one in done)
    if session.json:
        stacks = [asdict(one) for one in done]
        session.print_json({"format_version": "1", "stacks": stacks, "state": chosen})
        return
    session.console.note(*_told(done))
    session.console.note(
        "Nothing was deleted here, and nothing is changed here any more. What leads to the new place, in config.yaml:"
    )
    session.console.result(*_config(chosen))


def _told(done: list[api.Transfer]) -> Iterator[Line]:
    for one in done:
        did = "is there already" if one.same else f"copied, serial {one.serial}"
        yield Line(f"{clean(one.stack)}: {did}")
    yield Line(f"{count(len(done), 'stack')} in the new place.")


def _config(chosen: Mapping[str, Any]) -> Iterator[Line]:
    yield Line("state:")
    for key, value in chosen.items():
        yield Line(f"  {clean(key)}: {clean(json.dumps(value))}")


def _value(text: str) -> Any:
    """Read a setting as JSON if it is JSON (true, 3), else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


COMMAND = migrate
