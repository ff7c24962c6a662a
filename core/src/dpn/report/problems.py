"""Problems and errors: what happened, where, why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dpn import codec
from dpn.errors import DpnError, Problem
from dpn.report.text import Line, clean


def problem_data(problem: Problem) -> dict[str, Any]:
    """Give a problem as JSON; the severity is always there."""
    return {**codec.dump(problem), "severity": problem.severity}


def problem_lines(problems: Iterable[Problem]) -> list[Line]:
    """Give the problems, errors before warnings, each with its place, what was expected and what to do."""
    found = sorted(_together(problems), key=lambda pair: pair[0].severity != "error")
    return [line for problem, others in found for line in _problem(problem, others)]


def _together(problems: Iterable[Problem]) -> list[tuple[Problem, int]]:
    """Take together what a mistake in one place does to all that `for_each` makes of it; count the others."""
    groups: dict[Problem, list[Problem]] = {}
    for problem in problems:
        bare = (problem.address or "").partition("[")[0]
        groups.setdefault(replace(problem, address=bare) if problem.place else problem, []).append(problem)
    return [(group[0], len(group) - 1) for group in groups.values()]


def _problem(problem: Problem, others: int) -> list[Line]:
    address = f"{problem.address} and {others} more" if others else problem.address
    where = " · ".join(clean(part) for part in (problem.place, address, problem.field) if part)
    said = f"{problem.severity}: {f'{where}: ' if where else ''}{clean(problem.message)}"
    more = [f"expected: {clean(problem.expected)}"] if problem.expected else []
    more += [clean(problem.hint)] if problem.hint else []
    return [Line(f"{said} [{problem.code}]", problem.severity), *(Line(f"  {text}") for text in more)]


def error_lines(error: DpnError) -> list[Line]:
    """Give an error with its problems; what it is about comes last, where the eye is."""
    if error.message == "\n".join(map(str, error.problems)):
        return problem_lines(error.problems)
    first, *rest = error.message.splitlines() or [""]
    lines = [Line(f"error: {clean(first)}", "error"), *(Line(f"  {clean(text)}") for text in rest)]
    hint = [Line(f"  {clean(text)}") for text in error.hint.splitlines()]
    return [*problem_lines(error.problems), *lines, *hint]


def error_data(error: DpnError, code: int) -> dict[str, Any]:
    """Give an error as JSON."""
    said = {"message": error.message, "hint": error.hint, "exit_code": code}
    return {"format_version": "1", "error": said, "problems": [problem_data(problem) for problem in error.problems]}
