"""Values to text or JSON: plans, results, problems, tables. Pure: nothing here prints, asks or reads anything."""

from dpn.report.plans import SIGNS, Manner, PlanData, Sensitive, plan_data, plan_lines
from dpn.report.problems import error_data, error_lines, problem_data, problem_lines
from dpn.report.reads import history_lines, history_rows, record_data, record_lines, seen_lines, state_lines, state_rows
from dpn.report.results import FailureData, ResultData, RunData, blocked_lines, done_lines, failed_lines, result_data
from dpn.report.text import WIDTH, Line, Style, clean, count, shown, table

__all__ = [
    "SIGNS",
    "WIDTH",
    "FailureData",
    "Line",
    "Manner",
    "PlanData",
    "ResultData",
    "RunData",
    "Sensitive",
    "Style",
    "blocked_lines",
    "clean",
    "count",
    "done_lines",
    "error_data",
    "error_lines",
    "failed_lines",
    "history_lines",
    "history_rows",
    "plan_data",
    "plan_lines",
    "problem_data",
    "problem_lines",
    "record_data",
    "record_lines",
    "result_data",
    "seen_lines",
    "shown",
    "state_lines",
    "state_rows",
    "table",
]  # fmt: skip
