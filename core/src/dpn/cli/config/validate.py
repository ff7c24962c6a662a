"""`dpn config validate`."""

from __future__ import annotations

from dpn import api, report
from dpn.cli.options import NAMING, OUTPUT, command
from dpn.cli.session import USAGE, Session
from dpn.report import Line


@command(
    *NAMING, *OUTPUT, examples=("dpn config validate", "dpn config validate -v", "dpn config validate -e prd --json")
)
def validate(session: Session, options: api.Options) -> int:
    """Check both naming files and config.yaml; each pattern is tried for each installed kind.

    Warned of is what has no effect, and what keeps names from being read backwards. -v and --json tell how many
    characters are left in the names of each kind, and what it leaves to blueprints.
    """
    checked = api.config_check(options, session.world)
    session.console.complain(*report.problem_lines(checked.problems))
    if session.json:
        session.print_json(
            {
                "format_version": "1", "valid": checked.valid,
                "problems": [report.problem_data(problem) for problem in checked.problems],
                "headroom": [
                    {"kind": one.kind, "left": one.left, "variables": list(one.free), "with": list(one.words)}
                    for one in checked.headroom
                ],
                "needs": checked.needs, "required": list(checked.required),
            }
        )  # fmt: skip
    elif checked.valid:
        session.console.result(*(_rooms(checked) if session.verbose else ()), Line("Valid.", "bold"))
        if checked.required:
            names = ", ".join(checked.required)
            session.console.note(f"Required, and left to blueprints: {names}. For each kind: dpn config validate -v")
    return 0 if checked.valid else USAGE


def _rooms(checked: api.CheckedConfig) -> list[Line]:
    """Say how much room the names of each kind have, and what blueprints must set."""
    cells = [
        (one.kind, one.left, ", ".join(one.free), " ".join(one.words), ", ".join(checked.needs.get(one.kind, ())))
        for one in checked.headroom
    ]
    return [*report.table(("KIND", "CHARACTERS LEFT", "FOR", "WITH", "LEFT TO BLUEPRINTS"), cells), Line("")]


COMMAND = validate
