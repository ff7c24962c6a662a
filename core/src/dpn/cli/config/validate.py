"""`dpn config validate`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.session import USAGE, Session
from dpn.report import Line


@command(*NAMING, *OUTPUT, examples=("dpn config validate", "dpn config validate -e prd --json"))
def validate(session: Session, options: api.Options) -> int:
    """Check both naming files and config.yaml; each pattern is tried for each installed kind."""
    problems = api.config_problems(options, session.world)
    broken = any(problem.severity == "error" for problem in problems)
    session.console.complain(*report.problem_lines(problems))
    if session.json:
        found = [report.problem_data(problem) for problem in problems]
        session.print_json({"format_version": "1", "valid": not broken, "problems": found})
    elif not broken:
        session.console.result(Line("Valid.", "bold"))
    return USAGE if broken else 0


COMMAND = validate
