"""The convention changed: plan only what changes because names do, and carry that out as one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dpn import flow, graph, migration, verdict
from dpn import plan as planning
from dpn.api.plans import narrowed
from dpn.api.runs import Applied, Confirm, carried_out, settled
from dpn.compare import held
from dpn.desk import Desk, Options
from dpn.driver import Control
from dpn.errors import Problem, RefusedError
from dpn.flow import Desired, Planned
from dpn.migration import Row
from dpn.model import Change, Resource
from dpn.provider import KindInfo
from dpn.scope import matches
from dpn.world import World

_STANDS_AGAINST = ("PROTECTED", "NOT-EMPTY", "SET-BY-OTHERS")
"""What lets a definition keep its name; of anything else, the whole is refused."""


def plan_names(options: Options, world: World | None = None) -> Planned:
    """Plan the change of names alone; nothing is written."""
    with Desk(options, world) as desk:
        return _planned(desk, flow.desired(desk))


def migrate_names(
    options: Options, world: World | None = None, *, confirm: Confirm | None = None, control: Control | None = None
) -> Applied:  # fmt: skip
    """Carry out the change of names alone. What an earlier run left open is settled first."""
    with Desk(options, world) as desk:
        wanted = flow.desired(desk)
        verdict.stop_for_input(wanted.problems)
        desk.backend(wanted.state)
        recovered = settled(desk, wanted.key, control)
        return replace(carried_out(desk, _planned(desk, wanted), confirm, control), recovered=recovered)


def name_rows(planned: Planned, options: Options) -> list[Row]:
    """Give what becomes of each name, by wave."""
    return migration.rows(planned.plan, planned.kinds, planned.kept, options.replaced)


def _planned(desk: Desk, wanted: Desired) -> Planned:
    planned = _copying(desk, wanted)
    verdict.stop_for_input(_without_new_name(planned, desk.options.replaced))
    chosen = migration.parts(planned.plan, planned.kinds)
    moves = {old: new for old, new in planned.plan.moves.items() if new in chosen}
    planned = replace(planned, plan=replace(planned.plan, moves=moves))
    planned = narrowed(desk, planned, only=lambda change: change.address in chosen or _is_only_named(change))
    globs = desk.options.targets
    kept = [
        one for one in planned.kept if not globs or any(matches(glob, one.kind, one.address) for glob in globs)
    ]  # fmt: skip
    problems = tuple(problem for problem in planned.plan.problems if problem.code != "NAME-KEPT")  # the rows say it
    return replace(planned, kept=tuple(kept), plan=replace(planned.plan, problems=problems))


def _copying(desk: Desk, wanted: Desired) -> Planned:
    """Plan with copies of definitions; those that a guard refuses keep their names, and the rest is planned again."""
    resources, stuck = {one.address: one for one in wanted.resources}, dict[str, str]()
    while True:
        try:
            return flow.make_plan(desk, wanted, stuck)
        except RefusedError as error:
            kinds, more = desk.plugins.kinds, dict[str, str]()
            for address, why in _stuck(error.problems, resources, kinds):
                if kinds[resources[address].kind].rename_how == "copy" and address not in desk.options.replaced:
                    more.setdefault(address, why)
            if not more.keys() - stuck.keys():
                raise
            stuck = more | stuck


def _stuck(
    problems: Iterable[Problem], resources: Mapping[str, Resource], kinds: Mapping[str, KindInfo]
) -> Iterator[tuple[str, str]]:
    """Yield what must not be made anew because of what a guard refuses, and why: that itself, and what forces it to."""
    forcing = {address: _forcing(one, kinds[one.kind]) & resources.keys() for address, one in resources.items()}
    refused = {problem.address or "": problem for problem in problems if problem.code in _STANDS_AGAINST}
    for address, problem in refused.items():
        if address in resources:
            why = "it is protected" if problem.code == "PROTECTED" else problem.message.rstrip(".")
            yield address, f"its definition cannot be made anew: {why}"
            for other in sorted(graph.closure(forcing, address) - {address}):
                yield other, f"{address} would have to be made anew with it: {why}"


def _forcing(resource: Resource, info: KindInfo) -> set[str]:
    """Give what takes a resource along when it is made anew: its parent, and what it refers to for ever."""
    targets = {one.target for name in info.immutable for one in held(name, resource.spec.get(name), info)}
    return targets | ({resource.parent} if resource.parent else set())


def _without_new_name(planned: Planned, asked: Iterable[str]) -> Iterator[Problem]:
    """Yield what is to be replaced although its name does not change."""
    changes = {change.address: change for change in planned.plan.changes}
    for address in asked:
        change = changes.get(address)
        if change and not change.before:
            text = f"{address} does not exist yet, so there is no name to change."
            yield Problem("NAME-SAME", text, address, hint="To make it: dpn apply")
        elif not change or not change.want or change.want.name == (change.before.name if change.before else ""):
            hint = f"To make it anew all the same: dpn apply --replace '{address}'"
            yield Problem("NAME-SAME", f"The name of {address} does not change.", address, hint=hint)


def _is_only_named(change: Change) -> bool:
    """Tell whether only the naming values that a record keeps differ."""
    want, before = change.want, change.before
    if change.action != "noop" or not want or not before or not planning.noted(change):
        return False
    return not planning.noted(replace(change, before=replace(before, naming=want.naming)))
