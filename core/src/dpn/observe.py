"""Look at what is there: by id what is recorded, by name what is not, and by list where one call shows many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dpn import shares
from dpn.answers import Outcome
from dpn.dispatch import Dispatcher
from dpn.engine.effects import Call, CallMethod
from dpn.errors import DpnError
from dpn.handover import at_new_name, whose_name
from dpn.model import Change, Fault, Observed, Problem, Record, Ref
from dpn.provider import KindInfo
from dpn.targets import Target

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

LIST_FROM = 2
"""More objects of a kind than these in one container are listed; so no container costs more than two calls."""


@dataclass
class Observations:
    """What was seen, by address; an address without an entry is absent.

    strangers: names that are not free although nothing can be seen there, with what the look at it was refused for.
    """

    seen: dict[str, Observed] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    strangers: dict[str, Fault | None] = field(default_factory=dict)


class Observer:
    """Looks with `width` calls at once; parents first, because what stands inside an absent thing is absent."""

    def __init__(self, dispatcher: Dispatcher, kinds: Mapping[str, KindInfo], width: int = 10) -> None:
        self._dispatcher, self._kinds, self._width = dispatcher, kinds, width

    def _pool(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - 10 ms that an offline plan does not pay

        return ThreadPoolExecutor(self._width)

    def look(self, wanted: Iterable[Target]) -> Observations:
        """Look for all targets."""
        out = Observations()
        left = {target.address: target for target in wanted}
        for target in [one for one in left.values() if one.parent and one.parent not in left]:
            out.faults[target.address] = _adrift(left.pop(target.address))
        with self._pool() as pool:
            while left:
                level = [
                    target
                    for target in left.values()
                    if target.parent not in left and at_new_name(target.parent or "") not in left
                ]
                jobs = self._jobs([target for target in level if not target.parent or _parent(target, out)], out)
                for _ in pool.map(lambda job: job(), jobs):
                    pass
                for target in level:
                    del left[target.address]
        return out

    def _jobs(self, level: Iterable[Target], out: Observations) -> list[Callable[[], None]]:
        groups: dict[tuple[str, str, str | None, str | None, bool], list[Target]] = {}
        for target in level:
            key = (target.kind, target.provider, target.region, target.parent, target.takes)
            groups.setdefault(key, []).append(target)
        jobs: list[Callable[[], None]] = []
        for (kind, *_, takes), group in groups.items():
            if not takes and self._kinds[kind].lists == "full" and len(group) > LIST_FROM:
                jobs.append(lambda group=group: self._list(group, out))  # type: ignore[misc]  # a default binds early
            else:
                jobs += [lambda target=target: self._read(target, out) for target in group]  # type: ignore[misc]
        return jobs

    def _read(self, target: Target, out: Observations) -> None:
        free = self._call(target, "available", target.name) if target.takes else Outcome(False)
        if free.value:
            return
        ref = Ref(target.kind, target.name, target.id, _parent(target, out))
        outcome = free if free.fault else self._call(target, "read", ref)
        if target.takes and not free.fault and _is_unseen(outcome):
            out.strangers[target.address] = outcome.fault
        elif outcome.fault:
            out.faults[target.address] = outcome.fault
        elif outcome.value is not None:
            out.seen[target.address] = outcome.value

    def _list(self, group: list[Target], out: Observations) -> None:
        outcome = self._call(group[0], "list", _parent(group[0], out))
        if outcome.fault:
            out.faults.update(dict.fromkeys((target.address for target in group), outcome.fault))
            return
        by_id = {seen.ref.id: seen for seen in outcome.value}
        by_name = {seen.ref.name: seen for seen in outcome.value}
        for target in group:
            seen = by_id.get(target.id) if target.id else by_name.get(target.name)
            if seen:
                out.seen[target.address] = seen

    def _call(self, target: Target, method: CallMethod, argument: Any) -> Outcome:
        outcomes: list[Outcome] = []
        call = Call(target.kind, target.provider, method, (argument,), target.region)
        self._dispatcher.call(call, lambda outcome, _: outcomes.append(outcome))
        return outcomes[0]

    def contents(self, changes: Iterable[Change], records: Mapping[str, Record], out: Observations) -> list[Problem]:
        """Refuse what would delete a thing that holds others' things; what this plan deletes too does not count."""
        doomed = [change for change in changes if any(step.method == "delete" for step in change.steps)]
        gone = {
            (change.kind, change.before.name, change.before.parent)
            for change in doomed
            if change.before and not self._others_stay(change, out.seen.get(change.address))
        }
        asked = [
            change for change in doomed if change.address in out.seen and "contents" in self._kinds[change.kind].has
        ]

        def ask(change: Change) -> Problem | None:
            record = records[change.address]
            target = Target(record.address, record.kind, record.name, record.provider, region=record.region)
            outcome = self._call(target, "contents", out.seen[change.address].ref)
            if outcome.fault:
                out.faults[change.address] = outcome.fault
            inside = [item for item in outcome.value or () if (item.kind, item.name, change.address) not in gone]
            return _not_empty(change, inside) if inside else None

        with self._pool() as pool:
            problems = [problem for problem in pool.map(ask, asked) if problem]
        refuse_faults(out)
        return problems

    def _others_stay(self, change: Change, seen: Observed | None) -> bool:
        """Tell whether something is left of a shared thing when our share of it has gone."""
        info = self._kinds[change.kind]
        if info.ownership != "shared" or seen is None or change.before is None:
            return False
        ours = shares.ours(seen, change.before.share)
        return any(len(seen.spec.get(name, ())) > len(ours.get(name, ())) for name in shares.fields(info))


def _adrift(target: Target) -> Fault:
    """Say of what stands in something unknown that it cannot be found: it must never pass for absent."""
    text = f"{target.name} stands in {target.parent}, which neither the state nor a blueprint given here knows."
    return Fault("not_applied", "PARENT-UNKNOWN", text, hint="Name the blueprint that declares it as existing.")


def _not_empty(change: Change, inside: list[Any]) -> Problem:
    names = ", ".join(f"{item.kind} {item.name}" for item in inside[:3])
    return Problem(
        "NOT-EMPTY", f"{(change.before or change).name} would be deleted, and it holds {names}.", change.address,
        hint='Empty it first, or set "on_delete": "keep".',
    )  # fmt: skip


def _is_unseen(outcome: Outcome) -> bool:
    """Tell whether a read gave nothing, or was refused; one that failed tells nothing."""
    return outcome.fault.outcome == "not_applied" if outcome.fault else outcome.value is None


def _parent(target: Target, out: Observations) -> Ref | None:
    if not target.parent:
        return None
    seen = out.seen.get(target.parent) or out.seen.get(at_new_name(target.parent))
    return seen.ref if seen else None


def refuse_faults(out: Observations) -> None:
    """Stop when something could not be looked at: nothing was changed."""
    if not out.faults:
        return
    problems = tuple(
        Problem(fault.code, fault.message, whose_name(address), hint=fault.hint or None)
        for address, fault in sorted(out.faults.items())
    )
    raise DpnError("The cloud could not be read; nothing was changed.", problems=problems)
