"""`dpn doctor`: what is wrong with an installation."""

from __future__ import annotations

from dataclasses import asdict

from dpn import api, report
from dpn.cli.options import OUTPUT, command
from dpn.cli.output import gravest
from dpn.cli.session import Session
from dpn.report import Line


@command("sandbox", *OUTPUT, examples=("dpn doctor", "dpn doctor --sandbox", "dpn doctor --json"))
def doctor(session: Session, options: api.Options) -> int:
    """Look at the home, the configuration, every stack and the plugins, and say what is wrong; nothing is changed.

    The exit code is that of the gravest finding.
    """
    findings = api.doctor(options, session.world)
    if session.json:
        session.print_json({"format_version": "1", "findings": [asdict(one) for one in findings]})
    else:
        session.console.result(*(line for one in findings for line in _lines(one)))
    return gravest(one.code for one in findings)


def _lines(finding: api.Finding) -> list[Line]:
    sign, style = ("✗", "error") if finding.code else ("✓", "")
    first, *rest = [report.clean(text) for text in f"{finding.message}\n{finding.hint}".splitlines() if text]
    lines = [Line(f"{sign} {report.clean(finding.subject)}: {first}", "error" if style else "")]
    return [*lines, *(Line(f"    {text}") for text in rest)]


COMMAND = doctor
