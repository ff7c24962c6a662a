"""What Delta cannot do to a table's columns, told by the plan: at apply it would end and undo a whole transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dpn import Change, Plan, Problem
from dpn_databricks.table_changes import is_mapped, refusals

_IN_PLACE = ("update", "rename", "adopt", "restore")


def review(plan: Plan) -> Iterator[Problem]:
    """Yield what an update of a table would be refused for.

    Whether column mapping is on is known from what dpn itself set; where it did not, a drop is only warned of.
    """
    for change in plan.changes:
        if change.kind == "databricks_table" and change.action in _IN_PLACE:
            for diff in change.diffs:
                if diff.field == "columns":
                    yield from _columns(change, _rows(diff.after), _rows(diff.before))


def _columns(change: Change, wanted: list[Any], there: list[Any]) -> Iterator[Problem]:
    mapped = change.before is not None and is_mapped(change.before.spec)
    certain = [*refusals(wanted, there, mapped=True)]
    for message, hint in refusals(wanted, there, mapped=mapped):
        sure = (message, hint) in certain
        yield Problem(
            "DATABRICKS-COLUMNS",
            message,
            change.address,
            "spec.columns",
            change.want.place if change.want else None,
            hint=hint,
            severity="error" if sure else "warning",
        )


def _rows(value: Any) -> list[Any]:
    return [row for row in value if isinstance(row, dict) and {"name", "type"} <= set(row)] if value else []
