"""Apply, delete, recover: what changes the cloud and the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpn import flow, openness, planfile, recovery, references, transact, verdict
from dpn import plan as planning
from dpn.api.plans import narrowed
from dpn.api.reads import existing, stack_key
from dpn.blueprint import Scope
from dpn.desk import Desk, Options, mend
from dpn.driver import Control
from dpn.errors import InDoubtError, InputError, PluginError, RefusedError
from dpn.extensions import Backend
from dpn.flow import Desired, Planned
from dpn.model import Plan
from dpn.planfile import PlanFile
from dpn.transact import Result
from dpn.world import World

CREATES = ("create", "adopt")
UPDATES = ("update", "rename")
RENAMES = ("rename",)
STALE = "The plan is stale: the state or the cloud has changed since."


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: `result` is None if nothing had to be done.

    `recovered` tells of an earlier run that was settled first.
    """

    planned: Planned
    result: Result | None = None
    recovered: Result | None = None


Confirm = Callable[[Planned], bool]
"""Asked before anything is changed, of a saved plan too; False refuses."""


def apply(
    options: Options, world: World | None = None, *, confirm: Confirm | None = None, control: Control | None = None,
    actions: Iterable[str] | None = None,
) -> Applied:  # fmt: skip
    """Carry out a blueprint's plan or a saved plan. What an earlier run left open is settled first."""
    with Desk(options, world) as desk:
        document = desk.document()
        if planfile.is_plan(document.data):
            return _apply_saved(options, world, planfile.load(document.data, document.file), confirm, control)
        wanted = flow.desired(desk)
        verdict.stop_for_input(wanted.problems)
        desk.backend(wanted.state)
        recovered = settled(desk, wanted.key, control)
        planned = narrowed(desk, flow.make_plan(desk, wanted), actions)
        return replace(carried_out(desk, planned, confirm, control), recovered=recovered)


def settled(desk: Desk, key: str, control: Control | None) -> Result | None:
    """Settle an open transaction before anything is planned; stop if something stays in doubt."""
    result = recovery.recover(desk, key, control)
    if result and result.outcome == "blocked":
        again = mend(desk.options, key)
        raise InDoubtError(
            f"An earlier run of {key} could not be settled: {'; '.join(result.blocked.values())}",
            hint=f"When the cause is gone: {again}. To leave one as it is: {again} --skip ADDRESS",
        )
    return result


def carried_out(desk: Desk, planned: Planned, confirm: Confirm | None, control: Control | None) -> Applied:
    """Carry out a plan, if it has anything to do and is agreed to."""
    if planned.dispatcher is None:
        raise InputError("A plan that was made offline is not carried out.", hint="Leave out --offline.")
    if planning.is_empty(planned.plan):
        if planned.snapshot.watch:  # requests that may land late are looked for by every command that writes
            result = transact.run(desk, planned.plan, planned.dispatcher, planned.accounts, control)
            return Applied(planned, None if result.outcome == "done" else result)
        return Applied(planned)
    if any(change.steps for change in planned.plan.changes) and confirm and not confirm(planned):
        raise RefusedError("Not applied; nothing was changed.")
    return Applied(planned, transact.run(desk, planned.plan, planned.dispatcher, planned.accounts, control))


def _apply_saved(
    options: Options, world: World | None, file: PlanFile, confirm: Confirm | None, control: Control | None
) -> Applied:
    choice: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in file.choice.items()
    }
    actions = choice.pop("actions", None)
    choice |= {"sandbox": options.sandbox or file.sandbox, "file": None}  # the file is a plan, and no blueprint
    with Desk(replace(options, **choice), world) as desk:
        desk.load_plugins(
            {resource.kind for resource in file.resources} | {change.kind for change in file.plan.changes},
            references.secret_schemes(resource.spec for resource in file.resources),
        )
        _same_plugins(desk, file.plugins)
        _refuse_stale(file.plan, desk.backend(file.state))
        scope = Scope(tuple(file.scope.get("include", ())), tuple(file.scope.get("exclude", ())))
        wanted = Desired(
            file.plan.stack, file.plan.environment, file.resources, file.providers, scope,
            tuple(file.scope.get("outside", ())), state=file.state, stacks=file.plan.stacks,
        )  # fmt: skip
        planned = narrowed(desk, flow.make_plan(desk, wanted), actions)
        if planned.plan.hash != file.plan.hash:
            raise RefusedError(STALE, hint="Plan again.")
        return carried_out(desk, replace(planned, saved=True), confirm, control)


def _refuse_stale(plan: Plan, backend: Backend) -> None:
    """Refuse what can be told before anything is looked at; the hash of the plan made anew tells the rest."""
    now = backend.read(plan.stack)
    openness.refuse_moved(now)
    if now.journal:
        raise InDoubtError(f"A transaction of {plan.stack} is open.", hint="Run dpn recover, then plan again.")
    if planning.digest(plan) != plan.hash:
        raise RefusedError("The plan was changed after it was saved.", hint="Plan again.")
    if (now.serial, now.lineage) != (plan.serial, plan.lineage):
        raise RefusedError(STALE, hint="Plan again.")
    transact.refuse_changed(plan.stacks, backend)


def _same_plugins(desk: Desk, saved: Mapping[str, str]) -> None:
    for info in desk.plugins.kinds.values():
        if saved.get(info.provider, info.plugin) != info.plugin:
            raise PluginError(
                f"The plan was made with {saved[info.provider]}, and {info.plugin} is installed.", hint="Plan again."
            )


def delete(  # noqa: PLR0913 - one door for all that a delete may be told
    options: Options, addresses: Iterable[str] = (), world: World | None = None, *, cascade: bool = False,
    archive: bool = False, confirm: Confirm | None = None, control: Control | None = None,
) -> Applied:  # fmt: skip
    """Delete the named addresses, dependents first, or everything of the stack that is in scope."""
    with Desk(
        replace(options, allow_deletes=10**9 if options.allow_deletes is None else options.allow_deletes), world
    ) as desk:
        key, loaded = stack_key(desk)
        recovered = settled(desk, key, control)
        records = flow.standing(desk.backend().read(key))
        chosen = _chosen(records, list(addresses), loaded.scope if loaded else Scope(), cascade=cascade)
        scope = Scope(include=tuple(sorted(chosen)) or ("no_such.thing",))
        providers = loaded.providers if loaded else {}
        wanted = Desired(key, key.rpartition(".")[2], existing(desk, loaded), providers, scope, archive=archive)
        planned = flow.make_plan(desk, wanted)
        return replace(carried_out(desk, planned, confirm, control), recovered=recovered)


def _chosen(records: Mapping[str, Any], addresses: list[str], scope: Scope, *, cascade: bool) -> set[str]:
    if not addresses:
        return {address for address, record in records.items() if scope.covers(record.kind, address)}
    if unknown := [address for address in addresses if address not in records]:
        raise InputError(f"Not in the state: {', '.join(unknown)}.", hint="See: dpn state list")
    chosen = set(addresses)
    while more := {a for a, record in records.items() if a not in chosen and chosen & set(record.needs)}:
        if not cascade:
            raise RefusedError(f"Still needed by {', '.join(sorted(more))}.", hint="To delete them too: --cascade")
        chosen |= more
    return chosen
