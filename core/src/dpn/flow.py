"""The two straight lines of dpn, plan and apply, as lists of verbs. Read this file first.

Each step takes what the one above gave. A step gives a value and its problems, and the line goes on with what is
sound; it stops once before it connects to a cloud and once after the plan was reviewed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dpn import blueprint, guard, handover, named, namers, naming, references, resolve, select, validate, verdict
from dpn import plan as planning
from dpn.compare import as_observed
from dpn.desk import Desk, errors_in
from dpn.engine.fold import fold
from dpn.engine.moves import moved
from dpn.errors import InputError, PluginError, Problem
from dpn.extensions import Snapshot
from dpn.handover import Kept
from dpn.model import Change, Observed, Plan, Record, Resource, StackVersion
from dpn.provider import KindInfo

if TYPE_CHECKING:
    from dpn.dispatch import Dispatcher
    from dpn.observe import Observations, Observer


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted: the resources with names, and whatever stands against them.

    scope: that of the blueprint alone. outside: the addresses of the blueprint that the scope, or the command line,
    leaves out. idle: wildcards of both that nothing in the blueprint is like, with what to say of them. stacks: the
    other stacks whose values are in the resources.
    """

    key: str
    environment: str
    resources: tuple[Resource, ...]
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scope: blueprint.Scope = field(default_factory=blueprint.Scope)
    outside: tuple[str, ...] = ()
    idle: tuple[tuple[str, Problem], ...] = ()
    archive: bool = False
    state: Mapping[str, Any] = field(default_factory=dict)
    stacks: tuple[StackVersion, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A finished plan with what it was made from.

    open: a transaction has not ended. saved: it comes from a file, so it was agreed to before. sandbox: it is for the
    embedded cloud. left_out: what is to be done too, and was not asked for. kept: what keeps a name that is not by the
    convention.
    """

    plan: Plan
    desired: Desired
    snapshot: Snapshot
    records: Mapping[str, Record]
    kinds: Mapping[str, KindInfo]
    dispatcher: Dispatcher | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    open: bool = False
    saved: bool = False
    sandbox: bool = False
    left_out: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()


# blueprint to resources -----------------------------------------------------------------------------------------


def desired(desk: Desk, *, local: bool = False) -> Desired:
    """File to resources, offline: load, choose the environment, load plugins, name, resolve, validate.

    `local`: the state of other stacks is looked at only where it is in files.
    """
    document = desk.document()
    environment = namers.chosen_environment(desk, document)
    loaded, problems = blueprint.load(document, environment)
    problems = [*desk.problems, *problems]
    if loaded is None:
        raise InputError("The blueprint is not valid.", problems=tuple(problems))
    whole = loaded
    loaded, outside = _within(desk, loaded, problems)
    loaded, stacks, cited = named.with_other_stacks(desk, loaded, local=local)
    resources, found = named.resources(desk, loaded)
    found += [*cited, *_faults(desk, loaded, resources)]
    broken = {problem.address for problem in errors_in(problems)}
    problems += [loaded.locate(one) for one in found if one.code != "NAME-MISSING" or one.address not in broken]
    return Desired(
        loaded.key,
        environment,
        resources,
        loaded.providers,
        loaded.scope,
        outside,
        named.idle(desk, whole),
        state=loaded.state,
        stacks=stacks,
        problems=verdict.heard(desk, problems),
    )


def _within(
    desk: Desk, loaded: blueprint.Blueprint, problems: Sequence[Problem]
) -> tuple[blueprint.Blueprint, tuple[str, ...]]:
    """Give what the scope covers; what is wrong in the file is said before that a plugin is not installed."""
    try:
        return named.within(desk, loaded)
    except PluginError:
        if errors_in(problems):
            raise InputError("The blueprint is not valid.", problems=tuple(problems)) from None
        raise


def _faults(desk: Desk, loaded: blueprint.Blueprint, resources: tuple[Resource, ...]) -> list[Problem]:
    """Give all that schemas, rules, plugins and settings have against the resources."""
    return [
        *validate.check(resources, desk.plugins.kinds),
        *naming.collisions(named.with_scopes(resources, desk.plugins.kinds)),
        *desk.plugins.validate(resources),
        *guard.provider_settings(loaded.providers, resources, desk.plugins),
        *guard.state_settings(loaded.state, desk.state_schema(loaded.state)),
        *guard.secrets(resources, desk.plugins.providers.values()),
    ]


# resources to plan ----------------------------------------------------------------------------------------------


def make_plan(desk: Desk, wanted: Desired, stuck: Mapping[str, str] | None = None) -> Planned:
    """Desired to plan: read the state, keep names, connect, observe, diff, review.

    stuck: names are migrated, definitions copied; but not these, for which it says why.
    """
    verdict.stop_for_input(wanted.problems)
    snapshot = desk.backend(wanted.state).read(wanted.key)
    records = standing(snapshot)
    desk.load_plugins(record.kind for record in records.values())
    desk.load_former(references.secret_schemes(record.spec for record in records.values()))
    guard.known_kinds(records.values(), desk.plugins.kinds)
    kinds, moves = desk.plugins.kinds, resolve.moves(wanted.resources, records)
    records = moved(records, moves)
    resources, kept = resolve.keep_names(wanted.resources, records, kinds, desk.options.replaced, stuck)
    found = [*select.still_idle(wanted.idle, records), *_misfits(desk, resources, records, kept, wanted.outside)]
    verdict.stop_for_input(found)
    copied = None if stuck is None else resolve.copied(resources, records, kinds) - set(desk.options.replaced)
    inputs = planning.Inputs(
        wanted.key, wanted.environment, kinds, tuple(resources), records, {}, snapshot.serial, snapshot.lineage,
        covers=named.scope_of(desk, wanted.scope).covers, outside=frozenset(wanted.outside), archive=wanted.archive,
        replaced=frozenset(desk.options.replaced), moves=moves, copied=copied,
        problems=(*_warnings([*wanted.problems, *found]), *(one.problem for one in kept)), stacks=wanted.stacks,
    )  # fmt: skip
    return replace(_diffed(desk, wanted, inputs), snapshot=snapshot, open=bool(snapshot.journal), kept=tuple(kept))


def _warnings(problems: Iterable[Problem]) -> list[Problem]:
    return [one for one in problems if one.severity == "warning"]


def _misfits(
    desk: Desk, resources: Iterable[Resource], records: Mapping[str, Record], kept: Iterable[Kept],
    outside: Collection[str],
) -> Iterator[Problem]:  # fmt: skip
    """Yield what does not fit between blueprint, state and environment, before anything is connected."""
    wanted = {resource.address: resource for resource in resources}
    for address in desk.options.replaced:
        if address not in wanted:
            yield select.unknown_address(address, "is to be replaced, and the blueprint has no such address")
    yield from named.clashes(wanted, records, desk.plugins.kinds, {one.address for one in kept}, outside)
    if not desk.options.offline:
        yield from guard.unset(wanted.values(), desk.world.env)


def standing(snapshot: Snapshot) -> dict[str, Record]:
    """Give the records as they are now, with an open journal laid over the state."""
    return fold(snapshot.records, snapshot.journal) if snapshot.journal else dict(snapshot.records)


def _diffed(desk: Desk, wanted: Desired, inputs: planning.Inputs) -> Planned:
    planned = Planned(Plan("", "", 0, "", ()), wanted, Snapshot("", "", 0, 0, {}), inputs.records, inputs.kinds)
    if not desk.options.offline:
        return _looked(desk, planned, inputs)
    seen: dict[str, Observed] = {
        a: as_observed(record, inputs.kinds[record.kind]) for a, record in inputs.records.items()
    }
    plan, refusals = planning.make(replace(inputs, observed=seen))
    return replace(planned, plan=verdict.reviewed(desk, plan, refusals, inputs))


def _looked(desk: Desk, planned: Planned, inputs: planning.Inputs) -> Planned:
    from dpn.observe import Observer, refuse_faults  # noqa: PLC0415 - as in `Desk.dispatcher`
    from dpn.targets import targets  # noqa: PLC0415 - as in `Desk.dispatcher`

    dispatcher = desk.dispatcher(planned.desired.providers, inputs.records.values())
    near = replace(inputs, records=select.in_reach(inputs))
    accounts, cautions = guard.connect(dispatcher.connections, near)
    look = Observer(dispatcher, inputs.kinds, desk.width)
    out = look.look(targets(near.resources, near.records, inputs.kinds, taking=True))
    refuse_faults(out)
    plan, refusals = planning.make(replace(inputs, observed=out.seen, accounts=accounts))
    strange = handover.by_strangers(plan.changes, out.strangers, inputs.kinds)
    refusals += [*cautions, *strange, *_contents(look, plan, inputs, out)]
    plan = verdict.reviewed(desk, plan, refusals, inputs)
    return replace(planned, plan=plan, dispatcher=dispatcher, accounts=accounts)


def _contents(look: Observer, plan: Plan, inputs: planning.Inputs, out: Observations) -> list[Problem]:
    only_removes = bool(plan.changes) and not any(change.want for change in plan.changes)
    missing = [
        Problem("MISSING", f"{resource.name} is declared as existing, but it is not there.", resource.address)
        for resource in inputs.resources
        if resource.existing and resource.address not in out.seen and not only_removes
    ]
    return [*missing, *look.contents(plan.changes, inputs.records, out)]
