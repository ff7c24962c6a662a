"""`dpn name migrate`."""

from __future__ import annotations

from typing import Any

import click

from dpn import api, report
from dpn.cli.console import Stream
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, WRITE, command
from dpn.cli.output import Telling, preview, warn
from dpn.cli.session import Session, again
from dpn.cli.work import Work, carry_out


@command(
    "file", *BLUEPRINT, *CLOUD, *SCOPE, "targets", "replaced", "allow_deletes", *WRITE, *OUTPUT,
    params=(
        click.Option(["--dry-run"], is_flag=True, help="Show the table; change nothing."),
        click.Option(["--offline"], is_flag=True, help="With --dry-run: take the recorded state for the cloud."),
    ),
    examples=(
        "dpn name migrate --dry-run", "dpn name migrate blueprint.json -e prd --yes",
        "dpn name migrate --replace 'aws_s3_bucket.lake[bronze]'", "dpn name migrate --dry-run --offline --json",
    ),
)  # fmt: skip
def migrate(session: Session, options: api.Options, *, dry_run: bool) -> int:
    """Give what is there the names that the convention now makes, as one transaction; nothing else of the plan is done.

    What can be renamed is renamed in place. Of what cannot, a definition (as in Glue) is made anew under its new name,
    with all that is in it, and what refers to it follows. All else keeps its name, unless --replace says that it is to
    be deleted and created.
    """
    if options.offline and not dry_run:
        raise click.UsageError("--offline goes with --dry-run: names are not changed without looking at the cloud")
    telling = _telling(session, options)
    if dry_run:
        return _preview(session, options, telling)
    return carry_out(session, options, Work("Change these names?", api.migrate_names, telling=telling))


def _telling(session: Session, options: api.Options) -> Telling:
    def lines(planned: api.Planned) -> list[report.Line]:
        return report.migration_lines(
            planned.plan.stack, api.name_rows(planned, options), again("name migrate", options)
        )

    def show(_: Session, planned: api.Planned, to: Stream) -> None:
        warn(session, planned)
        if session.json:
            stack = {"stack": planned.plan.stack, "environment": planned.plan.environment, "open": planned.open}
            problems = [report.problem_data(problem) for problem in planned.plan.problems]
            session.print_json({**data(planned), **stack, "problems": problems})
            return
        told = lines(planned)
        to.lines(told[-1:] if session.console.quiet and to is session.console.out else told)

    def done(planned: api.Planned) -> list[report.Line]:
        rows = api.name_rows(planned, options)
        return report.migration_told(rows) if any(row.wave for row in rows) else lines(planned)

    def data(planned: api.Planned) -> dict[str, Any]:
        return report.migration_data(api.name_rows(planned, options))

    return Telling(show, done, data, "plan")


def _preview(session: Session, options: api.Options, telling: Telling) -> int:
    planned = api.plan_names(options, session.world)
    code = preview(session, options, planned, telling)
    if code == 0 and not api.is_empty(planned.plan) and not options.offline:
        session.console.note(f"Next: {again('name migrate', options)}")
    return code


COMMAND = migrate
