"""`dpn validate`: everything that can be known without a cloud."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import BLUEPRINT, OUTPUT, SCOPE, command
from dpn.cli.session import USAGE, Session
from dpn.report import Line


@command(
    "file", *BLUEPRINT, *SCOPE, "sandbox", *OUTPUT,
    examples=("dpn validate", "dpn validate blueprint.json -e prd", "dpn validate -v --json --exclude 'azure_*'"),
)  # fmt: skip
def validate(session: Session, options: api.Options) -> int:
    """Check a blueprint offline, without credentials: syntax, schema, references and names.

    All problems are reported together; -v shows the names.
    """
    desired = api.validate(options, session.world)
    broken = any(problem.severity == "error" for problem in desired.problems)
    session.console.complain(*report.problem_lines(desired.problems))
    resources = [{"address": one.address, "kind": one.kind, "name": one.name} for one in desired.resources]
    if session.json:
        session.print_json(
            {
                "format_version": "1", "valid": not broken, "stack": desired.key, "environment": desired.environment,
                "resources": resources, "problems": [report.problem_data(problem) for problem in desired.problems],
            }
        )  # fmt: skip
    elif not broken:
        if session.verbose and resources:
            cells = [(one["address"], one["name"]) for one in resources]
            session.console.result(*report.table(("ADDRESS", "NAME"), cells), "")
        number = report.count(len(resources), "resource")
        session.console.result(Line(f"Valid: {number} in {desired.key}.", "bold"))
    else:
        errors = sum(problem.severity == "error" for problem in desired.problems)
        session.console.complain(Line(f"Not valid: {report.count(errors, 'error')}.", "bold"))
    return USAGE if broken else 0


COMMAND = validate
