"""`dpn name migrate`."""

from __future__ import annotations

from typing import Any

import click

from dpn import api, report
from dpn.cli.console import Stream
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, WRITE, command
from dpn.cli.output import OPEN, Telling, note_left_out, warn, warn_open
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
    def show(_: Session, planned: api.Planned, to: Stream) -> None:
        warn(session, planned)
        rows = api.name_rows(planned, options)
        lines = report.migration_lines(planned.plan.stack, rows, again("name migrate", options))
        to.lines(lines[-1:] if session.console.quiet and to is session.console.out else lines)

    def done(planned: api.Planned) -> list[report.Line]:
        rows = api.name_rows(planned, options)
        if any(row.wave for row in rows):
            return report.migration_told(rows)
        return report.migration_lines(planned.plan.stack, rows, again("name migrate", options))

    def data(planned: api.Planned) -> dict[str, Any]:
        return report.migration_data(api.name_rows(planned, options))

    return Telling(show, done, data, "plan")


def _preview(session: Session, options: api.Options, telling: Telling) -> int:
    planned = api.plan_names(options, session.world)
    if session.json:
        warn(session, planned)
        stack = {"stack": planned.plan.stack, "environment": planned.plan.environment, "open": planned.open}
        problems = [report.problem_data(problem) for problem in planned.plan.problems]
        session.print_json({**telling.data(planned), **stack, "problems": problems})
    else:
        telling.plan(session, planned, session.console.out)
    note_left_out(session, planned, options, telling.whole)
    if planned.open:
        warn_open(session, options, planned.snapshot)
        return OPEN
    if not api.is_empty(planned.plan) and not options.offline:
        session.console.note(f"Next: {again('name migrate', options)}")
    return 0


COMMAND = migrate
