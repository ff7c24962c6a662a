"""Validate, plan, save a plan: nothing is carried out here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from dpn import flow, openness, planfile, select
from dpn.desk import Desk, Options, errors_in, mend
from dpn.disk import write_out
from dpn.errors import DpnError, InDoubtError, InputError, RefusedError
from dpn.flow import Desired, Planned
from dpn.model import Change
from dpn.planfile import PlanFile
from dpn.world import World


def validate(options: Options, world: World | None = None) -> Desired:
    """Check a blueprint offline: syntax, schema, references, names. The problems are in the answer."""
    try:
        with Desk(options, world) as desk:
            wanted = flow.desired(desk, local=True)
        idle = [replace(problem, severity="warning") for _, problem in wanted.idle]  # the state may have what is meant
        return replace(wanted, problems=(*wanted.problems, *idle))
    except InputError as error:
        if not error.problems:
            raise
        return Desired("", "", (), problems=error.problems)


def plan(options: Options, world: World | None = None, actions: Iterable[str] | None = None) -> Planned:
    """Make a plan; nothing is written. `actions` keeps only some."""
    with Desk(options, world) as desk:
        return narrowed(desk, flow.make_plan(desk, flow.desired(desk)), actions)


def save(planned: Planned, options: Options, path: Path, world: World | None = None) -> None:
    """Write a plan to a file, 0600; refused while a transaction is open."""
    openness.refuse_moved(planned.snapshot)
    if planned.open:
        raise InDoubtError(
            "A plan that was made while a transaction is open cannot be saved.",
            hint=f"Run this first: {mend(options, planned.plan.stack)}",
        )
    wanted = planned.desired
    choice = {
        "targets": options.targets, "includes": options.includes, "excludes": options.excludes,
        "replaced": options.replaced, "allow_deletes": options.allow_deletes, "actions": None,
    }  # fmt: skip
    plugins = {info.provider: info.plugin for info in planned.kinds.values()}
    scope = {"include": wanted.scope.include, "exclude": wanted.scope.exclude, "outside": wanted.outside}
    file = PlanFile(
        planned.plan, wanted.resources, wanted.providers, wanted.state, scope, choice, plugins, sandbox=options.sandbox
    )
    outside = world or World()
    content = (json.dumps(planfile.dump(file), indent=1) + "\n").encode()
    try:
        write_out(outside.disk, outside.cwd / path, content)
    except OSError as error:
        raise DpnError(
            f"The plan could not be written to {path}: {error.strerror or error}.",
            hint="Make room or a folder there, or name another file: --out FILE",
        ) from error


def narrowed(
    desk: Desk, planned: Planned, actions: Iterable[str] | None = None, only: Callable[[Change], bool] | None = None
) -> Planned:  # fmt: skip
    """Keep the part of a plan that was asked for; RefusedError if it needs what is left out."""
    plan, problems = planned.plan, []
    if desk.options.targets:
        plan, found = select.by_address(plan, desk.options.targets)
        problems += found
    if actions is not None:
        plan, found = select.by_actions(plan, actions)
        problems += found
    if only is not None:
        plan, found = select.only(plan, only, ("update",))
        problems += found
    if unknown := tuple(problem for problem in problems if problem.code == "ADDRESS-UNKNOWN"):
        raise InputError("What was asked for is not in the plan; nothing was touched.", problems=unknown)
    if errors := errors_in(problems):
        raise RefusedError("Only a part was asked for, and it needs what is left out.", problems=errors)
    kept = {change.address for change in plan.changes}
    left_out = tuple(change for change in planned.plan.changes if change.address not in kept and change.steps)
    return replace(
        planned,
        plan=replace(plan, problems=(*plan.problems, *problems)),
        left_out=left_out,
        sandbox=desk.options.sandbox,
    )
