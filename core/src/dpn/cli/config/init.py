"""`dpn config init`."""

from __future__ import annotations

import sys

import click

from dpn import api
from dpn.cli.options import command
from dpn.cli.session import Session

_PROMPTS = {
    "project": ("Project (the first word of every name)", "platform"),
    "environments": ("Environments, with commas between", "dev,prd"),
    "region": ("Region", "us-east-1"),
    "team": ("Team", ""),
    "cost_center": ("Cost center", ""),
    "kinds": ("Kinds to write out with their patterns, with commas between; * stands for any characters", ""),
}


@command(
    params=(
        click.Option(["--project"], metavar="TEXT", help="The project."),
        click.Option(["--environments"], metavar="A,B", help="The environments; the first is the default."),
        click.Option(["--region"], metavar="TEXT", help="The region."),
        click.Option(["--team"], metavar="TEXT", help="The team."),
        click.Option(["--cost-center"], metavar="TEXT", help="The cost center."),
        click.Option(
            ["--kinds"], metavar="GLOB,...", help="Write out the patterns and variables of these kinds, to be changed."
        ),
        click.Option(["--home", "in_home"], is_flag=True, help="Write to the home (~/.dpn) instead of ./.dpn."),
        click.Option(["--force"], is_flag=True, help="Overwrite files that are there."),
    ),
    examples=(
        "dpn config init", "dpn config init --project oncology --environments dev,prd --region us-east-1",
        "dpn config init --project oncology --kinds 'aws_s3_bucket,aws_glue_*'",
    ),
)  # fmt: skip
def init(session: Session, options: api.Options, *, in_home: bool, force: bool, **given: str | None) -> None:
    """Write the first naming-values.yaml and naming-patterns.yaml, with comments that explain them.

    On a terminal, what no option gives is asked for.
    """
    answers = {name: text for name, text in given.items() if text}
    if sys.stdin.isatty() and session.console.err.terminal:
        answers |= {name: _ask(session, name) for name in _PROMPTS if given.get(name) is None}
    first = answers.get("environments", "").split(",")[0].strip()
    texts = {**answers, **({"environment": first} if first else {})}
    kinds = [glob.strip() for glob in texts.pop("kinds", "").split(",") if glob.strip()]
    paths = api.config_init(texts, session.world, options=options, kinds=kinds, in_home=in_home, force=force)
    session.changed = True
    for path in paths:
        session.console.result(f"Written: {path}")
    session.console.note("Next: dpn config validate")


def _ask(session: Session, name: str) -> str:
    question, usual = _PROMPTS[name]
    return session.console.ask(f"{question}{f' [{usual}]' if usual else ''}:", f"--{name.replace('_', '-')}") or usual


COMMAND = init
