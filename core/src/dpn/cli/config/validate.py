"""`dpn config validate`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.session import USAGE, Session
from dpn.report import Line


@command(*NAMING, *OUTPUT, examples=("dpn config validate", "dpn config validate -e prd --json"))
def validate(session: Session, options: api.Options) -> int:
    """Check both naming files and config.yaml; each pattern is tried for each installed kind.

    Warned of is what keeps names from being read backwards. The table tells how many characters are left in names.
    """
    problems = api.config_problems(options, session.world)
    broken = any(problem.severity == "error" for problem in problems)
    session.console.complain(*report.problem_lines(problems))
    if session.json:
        found = [report.problem_data(problem) for problem in problems]
        rooms = [] if broken else api.config_rooms(options, session.world)
        headroom = [
            {"kind": one.kind, "left": one.left, "variables": list(one.free), "with": list(one.words)} for one in rooms
        ]
        session.print_json({"format_version": "1", "valid": not broken, "problems": found, "headroom": headroom})
    elif not broken:
        session.console.result(*_rooms(api.config_rooms(options, session.world)), Line("Valid.", "bold"))
    return USAGE if broken else 0


def _rooms(rooms: list[api.Headroom]) -> list[Line]:
    """Say how much room the names of each kind have."""
    rows = [(one.kind, one.left, ", ".join(one.free), " ".join(one.words)) for one in rooms]
    return report.table(("KIND", "CHARACTERS LEFT", "FOR", "WITH"), rows) if rows else []


COMMAND = validate
