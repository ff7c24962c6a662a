"""The commands by name. The lists of help are made from these tables, so that `--help` imports no command."""

from __future__ import annotations

import click

from dpn.cli.command import Lazy
from dpn.version import VERSION

_SECTIONS = {
    "Provision": {
        "validate": "Check a blueprint offline: schema, references, names.",
        "plan": "Show what would change.",
        "apply": "Carry out the whole plan as one transaction.",
        "create": "Carry out only what the plan creates and adopts.",
        "update": "Carry out only updates and renames.",
        "delete": "Delete a stack, or some of its resources.",
        "read": "Look at the resources in the cloud.",
    },
    "Name": {
        "name": "Render and check names on their own.",
        "config": "Make, check and explain the naming configuration.",
    },
    "Inspect and repair": {
        "state": "Look into the state of a stack, and mend it.",
        "recover": "Settle what an interrupted run left open.",
        "unlock": "Take a stack from a holder that is gone.",
        "doctor": "Look for what is wrong with this installation.",
    },
    "Set up": {
        "sandbox": "Run the embedded cloud behind --sandbox.",
        "plugins": "List, check and begin plugins.",
        "schema": "Print JSON Schemas.",
        "completion": "Print a script for completion in a shell.",
    },
}


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"dpn {VERSION}")
        context.exit()


ROOT = Lazy(
    "dpn",
    sections=_SECTIONS,
    home="dpn.cli",
    plugins=True,
    help="Name and provision data-platform resources from one blueprint.",
    examples=("dpn plan blueprint.json", "dpn apply --sandbox", "dpn read"),
    params=[
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
        )
    ],
)
