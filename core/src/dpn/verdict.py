"""What problems lead to: the line stops, or the plan keeps its warnings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dpn import guard
from dpn.desk import Desk, errors_in
from dpn.errors import DpnError, InputError, RefusedError
from dpn.model import Plan, Problem
from dpn.plan import Inputs

CLOUD_SAYS = ("NAME-TAKEN", "NOT-OURS", "MISSING", "CREDENTIALS")
"""Problems that the cloud causes: they end a command with exit code 1, where guards and policy refuse with 3."""


def reviewed(desk: Desk, plan: Plan, refusals: Iterable[Problem], inputs: Inputs) -> Plan:
    """Let guards and policy plugins judge the plan; raise what refuses it, keep the warnings on it."""
    found = [*refusals, *guard.deletions(plan, inputs, desk.options.allow_deletes), *desk.plugins.review(plan)]
    errors = errors_in(found)
    if errors:
        all_cloud = all(problem.code in CLOUD_SAYS for problem in errors)
        error = DpnError if all_cloud else RefusedError
        raise error("The plan is refused; nothing was changed.", problems=errors)
    return replace(plan, problems=heard(desk, [*plan.problems, *found]))


def stop_for_input(problems: Iterable[Problem]) -> None:
    """Stop before anything is connected if the input is not sound."""
    found = tuple(problems)
    if errors_in(found):
        raise InputError("The input is not valid; nothing was touched.", problems=found)


def heard(desk: Desk, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give each problem once, without the warnings that config.yaml silences."""
    silent = set(desk.settings.silence)
    return tuple(one for one in dict.fromkeys(problems) if one.severity == "error" or one.code not in silent)
