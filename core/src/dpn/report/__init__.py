"""Values to text or JSON: plans, results, problems, tables. Pure: nothing here prints, asks or reads anything.

Each name is imported when it is asked for: help and version need none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpn.report.audits import audit_writer
    from dpn.report.judged import Writer
    from dpn.report.migrations import migration_data, migration_lines, migration_sentence, migration_told
    from dpn.report.plans import SIGNS, Manner, PlanData, Sensitive, plan_data, plan_lines
    from dpn.report.problems import error_data, error_lines, problem_data, problem_lines
    from dpn.report.reads import (
        history_lines,
        history_rows,
        record_data,
        record_lines,
        seen_lines,
        state_lines,
        state_rows,
    )
    from dpn.report.results import (
        FailureData,
        ResultData,
        RunData,
        blocked_lines,
        done_lines,
        failed_lines,
        result_data,
    )
    from dpn.report.tallies import Tally
    from dpn.report.text import WIDTH, Line, Style, clean, count, shown, table

_ROOMS = {
    "dpn.report.audits": "audit_writer",
    "dpn.report.judged": "Writer",
    "dpn.report.migrations": "migration_data migration_lines migration_sentence migration_told",
    "dpn.report.plans": "SIGNS Manner PlanData Sensitive plan_data plan_lines",
    "dpn.report.problems": "error_data error_lines problem_data problem_lines",
    "dpn.report.reads": "history_lines history_rows record_data record_lines seen_lines state_lines state_rows",
    "dpn.report.results": "FailureData ResultData RunData blocked_lines done_lines failed_lines result_data",
    "dpn.report.tallies": "Tally",
    "dpn.report.text": "WIDTH Line Style clean count shown table",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "SIGNS", "WIDTH", "FailureData", "Line", "Manner", "PlanData", "ResultData", "RunData", "Sensitive", "Style",
    "Tally", "Writer", "audit_writer", "blocked_lines", "clean", "count", "done_lines", "error_data", "error_lines",
    "failed_lines", "history_lines", "history_rows", "migration_data", "migration_lines", "migration_sentence",
    "migration_told", "plan_data", "plan_lines", "problem_data", "problem_lines",
    "record_data", "record_lines", "result_data", "seen_lines", "shown", "state_lines", "state_rows", "table",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a name from its room."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'dpn.report' has no attribute {name!r}")
