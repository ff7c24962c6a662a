"""Whether the names that a plan would take are free, where strangers take names of a kind, too."""

from __future__ import annotations

from collections.abc import Iterator

from dpn import taken
from dpn.decide import Inputs
from dpn.model import Plan, Problem
from dpn.observe import Observations, Observer, Target, refuse_faults


def problems(look: Observer, plan: Plan, inputs: Inputs, out: Observations) -> list[Problem]:
    """Give each name that is not free. Of names of new things, `out` tells; those of known things are asked for now."""
    changes = {change.address: change for change in plan.changes}
    new = list(_new_names(plan, inputs))
    found = look.look(new) if new else Observations()
    refuse_faults(found)
    return [
        *(
            taken.by_stranger(inputs.kinds[change.kind], change.name, address, fault)
            for address, fault in sorted({**out.strangers, **found.strangers}.items())
            if (change := changes.get(address)) and change.steps
        ),
        *(
            taken.by_thing(inputs.kinds[seen.ref.kind], changes[address].name, address, seen)
            for address, seen in sorted(found.seen.items())
        ),
    ]


def _new_names(plan: Plan, inputs: Inputs) -> Iterator[Target]:
    """Yield new names of what is known already, but none that the stack has: that one goes with the plan."""
    ours = {(record.kind, record.name) for record in inputs.records.values()}
    for change in plan.changes:
        want = change.want
        if not want or not change.before or not change.steps or "available" not in inputs.kinds[change.kind].has:
            continue
        if (change.kind, change.name) not in ours:
            yield Target(change.address, change.kind, change.name, want.provider, region=want.region, takes=True)
