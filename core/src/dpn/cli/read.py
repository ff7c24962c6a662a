"""`dpn read`: the resources as they are in the cloud now."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import click

from dpn import api, report
from dpn.cli.options import BLUEPRINT, CLOUD, check_naming, chosen_format, command, told_apart
from dpn.cli.output import OPEN, warn_open
from dpn.cli.session import Session


@command(
    "stack", *BLUEPRINT, *CLOUD, "json", "quiet", "verbose",
    params=(
        click.Argument(["things"], nargs=-1, metavar="[FILE|ADDRESS]..."),
        click.Option(["--type", "kinds"], default="*", metavar="GLOB", help="Only kinds like this."),
        click.Option(["--id", "ids"], default="*", metavar="GLOB", help="Only resources whose id is like this."),
        click.Option(
            ["--format", "forms"], type=click.Choice(["table", "json", "yaml"]), multiple=True,
            help="How to print the result; else a table.",
        ),
    ),
    examples=(
        "dpn read", "dpn read --type 'aws_glue_*' -v", "dpn read 'aws_s3_bucket.lake[gold]' --format yaml",
        "dpn read --stack sales-lake.prd --json",
    ),
)  # fmt: skip
def read(
    session: Session, options: api.Options, things: tuple[str, ...], kinds: str, ids: str, forms: tuple[str, ...]
) -> int:
    """Look at the recorded resources in the cloud; nothing is changed.

    Each row tells whether the resource exists; -v, JSON and YAML give its attributes.
    """
    form = chosen_format(session, forms, "table")
    file, addresses = told_apart(session, things)
    options = replace(options, file=file)
    check_naming(session, options)
    session.json = form == "json"
    seen, is_open = api.read(options, addresses, session.world, kinds=kinds, ids=ids)
    rows = [asdict(one) for one in seen]
    if session.json:
        session.print_json(rows)
    elif form == "yaml":
        session.console.out.write(_yaml(rows))
    else:
        width = session.console.out.width
        session.console.result(*report.seen_lines(rows, verbose=session.verbose, width=width))
    if is_open:
        warn_open(session, options, api.records(options, session.world)[1])
    return OPEN if is_open else 0


def _yaml(rows: list[dict[str, Any]]) -> str:
    from io import StringIO  # noqa: PLC0415 - with the next line

    from ruamel.yaml import YAML

    writer, out = YAML(typ="safe", pure=True), StringIO()
    writer.default_flow_style = False
    writer.allow_unicode = False  # everything that is not ASCII is escaped: it cannot move a cursor
    writer.dump(rows, out)
    return out.getvalue()


COMMAND = read
