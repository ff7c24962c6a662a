"""When a job runs: what Databricks would refuse of a Quartz expression and a time zone."""

from __future__ import annotations

from difflib import get_close_matches

_FIELDS = (6, 7)
_DAY, _WEEKDAY = 3, 5


def cron_fault(expression: str) -> tuple[str, str] | None:
    """Give what is wrong with an expression and what to do, or None."""
    fields = expression.split()
    if len(fields) not in _FIELDS:
        unix = len(fields) == _FIELDS[0] - 1
        return (
            f"{expression!r} has {len(fields)} fields; Quartz takes 6, or 7 with the year.",
            (
                "Put seconds in front, and `?` for the day or the weekday: `0 30 6 * * ?` is half past six each day."
                if unix
                else "Write seconds, minutes, hours, day, month and weekday."
            ),
        )
    if [fields[_DAY], fields[_WEEKDAY]].count("?") != 1:
        return (
            f"{expression!r} must say `?` for either the day (4th field) or the weekday (6th field).",
            "Write `?` for the one that does not matter.",
        )
    return None


def timezone_fault(name: str) -> tuple[str, str] | None:
    """Give what is wrong with the name of a time zone and what to do, or None."""
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415 - 10 ms that only a schedule pays

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = available_timezones()
        if not known:  # this machine has no time zones to look it up in
            return None
        near = get_close_matches(name, known, n=1)
        return (
            f"There is no time zone {name!r}.",
            f"Did you mean {near[0]}?" if near else "Write it as Europe/Berlin, or UTC.",
        )
    return None
