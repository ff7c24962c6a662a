"""A plan as people read it: what destroys first, the summary last; and as the fixed JSON."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpn import codec
from dpn.model import Change, Diff, Plan, Problem, Reversible
from dpn.report.bookkeeping import forgets, record_only_counts, record_only_lines
from dpn.report.problems import problem_data
from dpn.report.text import WIDTH, Line, Style, clean, columns, count, leaves, shown

HIDDEN = "(sensitive)"
HIDDEN_NEW = "(sensitive, another value)"
FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Sign:
    """How an action is shown."""

    symbol: str
    style: Style
    past: str


SIGNS: dict[str, Sign] = {
    "delete": Sign("-", "destroy", "deleted"),
    "replace": Sign("±", "destroy", "replaced"),
    "archive": Sign("↓", "archive", "archived"),
    "rename": Sign("→", "rename", "renamed"),
    "update": Sign("~", "update", "updated"),
    "restore": Sign("↑", "update", "restored"),
    "adopt": Sign("⇐", "adopt", "adopted"),
    "create": Sign("+", "create", "created"),
    "noop": Sign(" ", "dim", "unchanged"),
}
"""By action, in the order in which they are shown: what destroys comes first."""

_RANK = {action: rank for rank, action in enumerate(SIGNS)}
_STATE_ONLY = {"forgotten": "forget", "moved": "move", "updated": "update in the state only"}
_LOSS: Mapping[Reversible, str] = {
    "yes": "",
    "lossy": "an undo makes it anew; what was in it does not come back",
    "no": "cannot be undone",
}
_UNDO: Mapping[str, str] = {
    "create": "delete it",
    "adopt": "take the marker off and put its former settings back",
    "rename": "give it its former name",
    "update": "put the former values back",
    "archive": "restore it",
    "restore": "archive it",
}


@dataclass(frozen=True, slots=True)
class ChangeData:
    """One change as `dpn plan --json` prints it."""

    address: str
    kind: str
    name: str
    action: str
    reversible: str
    reason: str = ""
    needs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    diffs: tuple[Diff, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanData:
    """What `dpn plan --json` prints.

    open: an earlier run has not ended. hash: over inputs and observations. moves: old to new address of records.
    """

    format_version: str
    summary: Mapping[str, int]
    changes: tuple[ChangeData, ...]
    problems: tuple[Problem, ...]
    stack: str = ""
    environment: str = ""
    open: bool = False
    hash: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)


Sensitive = Mapping[str, frozenset[str]]
"""By kind, the fields whose values are not shown."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How much of a plan is shown, and how wide; `noted` are the addresses of which only the record changes."""

    width: int = WIDTH
    verbose: bool = False
    undo: bool = False
    reasons: bool = True
    sensitive: Sensitive = field(default_factory=dict)
    noted: frozenset[str] = frozenset()


def plan_data(plan: Plan, summary: Mapping[str, int], *, sensitive: Sensitive, is_open: bool = False) -> dict[str, Any]:
    """Give a plan in the fixed shape; sensitive values are hidden."""
    changes = tuple(change_data(change, sensitive) for change in plan.changes)
    data = PlanData(
        FORMAT, dict(summary), changes, (), plan.stack, plan.environment, is_open, plan.hash, dict(plan.moves)
    )
    return {**codec.dump(data), "problems": [problem_data(problem) for problem in plan.problems]}


def change_data(change: Change, sensitive: Sensitive) -> ChangeData:
    """Give a change in the fixed shape."""
    return ChangeData(
        change.address, change.kind, change.name, change.action, change.reversible, change.reason, change.needs,
        tuple(map(str, change.steps)), tuple(_hidden(change, diff, sensitive) for diff in change.diffs),
    )  # fmt: skip


def plan_lines(plan: Plan, summary: Mapping[str, int], manner: Manner) -> list[Line]:
    """Give a plan for people: a head, a block for each change, the summary."""
    noted = manner.noted
    told = [change for change in in_order(plan.changes) if change.action != "noop" or manner.verbose]
    told = [change for change in told if not forgets(change, noted)]
    records = record_only_lines(plan, noted)
    lines = [Line(f"Plan for {clean(plan.stack)}", "bold"), Line("")] if told or records else []
    for head, change in zip(heads(told), told, strict=True):
        lines.append(head)
        lines += [Line(f"      {text}", "dim") for text in _details(change, manner)]
    lines += [*records, *([Line("")] if told or records else [])]
    return [*lines, Line(sentence(plan, summary, noted), "bold")]


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Give the changes as they are shown: what destroys first, each group in the order of the plan."""
    return sorted(changes, key=lambda change: _RANK[change.action])


def heads(changes: Iterable[Change]) -> list[Line]:
    """Give one line a change: symbol, address, name."""
    told = list(changes)
    wide = columns([(one.address, one.name) for one in told])
    return [
        Line(f"  {SIGNS[one.action].symbol} {text}", SIGNS[one.action].style)
        for one, text in zip(told, wide, strict=True)
    ]


def sentence(plan: Plan, summary: Mapping[str, int], noted: Container[str] = ()) -> str:
    """Say in one sentence what the plan does."""
    parts = [f"{summary[action]} to {action}" for action in reversed(SIGNS) if action != "noop" and summary[action]]
    only = record_only_counts(plan, noted)
    parts += [f"{only[did]} to {do}" for did, do in _STATE_ONLY.items() if only[did]]
    same = summary["noop"] - only["forgotten"] - only["updated"]
    if not parts:
        return (
            f"No changes: {count(same, 'resource is', 'resources are')} as the blueprint says."
            if same
            else (f"No changes: {plan.stack} has no resources in scope.")
        )
    return f"Plan: {', '.join(parts)}{f'; {same} unchanged' if same else ''}."


def _details(change: Change, manner: Manner) -> Iterator[str]:
    if _worth_a_reason(change, manner):
        yield clean(change.reason)
    if change.action in ("delete", "replace") and _LOSS[change.reversible] and not manner.undo:
        yield _LOSS[change.reversible]
    for diff in change.diffs:
        hidden = _hidden(change, diff, manner.sensitive)
        for path, before, after in leaves(hidden.field, hidden.before, hidden.after):
            room = (manner.width - len(path) - 11) // 2
            yield f"{clean(path)}: {shown(before, room)} → {shown(after, room)}"
    if manner.verbose and change.action == "create" and change.want:
        yield from _spec(change, manner)
    if manner.undo and change.action != "noop":
        yield f"undo: {_undo(change)}"


def _worth_a_reason(change: Change, manner: Manner) -> bool:
    if not change.reason or not manner.reasons:
        return False
    return change.action not in ("create", "noop") or bool(change.before) or manner.verbose


def _spec(change: Change, manner: Manner) -> Iterator[str]:
    assert change.want
    for name, value in change.want.spec.items():
        secret = name in manner.sensitive.get(change.kind, ())
        yield f"{clean(name)}: {HIDDEN if secret else shown(value, manner.width - len(name) - 8)}"


def _undo(change: Change) -> str:
    if change.action in _UNDO:
        return _UNDO[change.action]
    if change.reversible == "no":
        return "not possible"
    return f"make it anew{'; what was in it does not come back' if change.reversible == 'lossy' else ''}"


def _hidden(change: Change, diff: Diff, sensitive: Sensitive) -> Diff:
    """Keep of a sensitive field only that it differs."""
    if diff.field.partition(".")[0].partition("[")[0] not in sensitive.get(change.kind, ()):
        return diff
    return Diff(diff.field, None if diff.before is None else HIDDEN, None if diff.after is None else HIDDEN_NEW)
