"""`dpn recover`: settle what an interrupted run left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from dpn import api, report
from dpn.cli.options import CLOUD, OUTPUT, command
from dpn.cli.output import BLOCKED, gravest
from dpn.cli.progress import running
from dpn.cli.session import Session
from dpn.errors import DpnError
from dpn.report import Line

if TYPE_CHECKING:
    Found: TypeAlias = api.Result | DpnError | None


@command(
    "file", "stack", "environment", "max_size", *CLOUD, "lock_timeout", *OUTPUT,
    params=(
        click.Option(
            ["--skip"], multiple=True, metavar="ADDRESS", help="Leave this one as it is, and forget it; repeatable."
        ),
        click.Option(["--continue", "go_on"], is_flag=True, help="Try again what was blocked; this is the default."),
        click.Option(["--accept"], is_flag=True, help="Undo nothing more: what was done so far stays and is recorded."),
        click.Option(["--force"], is_flag=True, help="Go on here with a stack that was moved to another place."),
    ),
    examples=("dpn recover", "dpn recover --stack sales-lake.dev", "dpn recover --skip 'aws_s3_bucket.lake[gold]'",
              "dpn recover --accept"),
)  # fmt: skip
def recover(
    session: Session, options: api.Options, skip: tuple[str, ...], *, go_on: bool, accept: bool, force: bool
) -> int:  # fmt: skip
    """Settle and undo what an interrupted run left open, in every stack, or in that of --stack or FILE.

    It finds out what became of each call without a reply. What cannot be undone stays recorded and is named. A stack
    that cannot be settled keeps no other one from being settled; the exit code is the gravest.
    """
    if go_on and (skip or accept):
        raise click.UsageError("--continue tries all of it again; --skip and --accept leave something as it is")
    with running(session) as progress:
        progress.mends = True
        found = api.recover(
            replace(options, tell=progress.hear), session.world, skip=skip, accept=accept, force=force,
            control=progress.control,
        )  # fmt: skip
    session.changed = any(isinstance(one, api.Result) for one in found.values())
    for key, one in found.items():
        session.console.complain(*_complaint(one, api.mend(options, key)))
    if session.json:
        session.print_json({"format_version": "1", "stacks": {key: _data(one) for key, one in found.items()}})
    else:
        session.console.result(*_lines(found, ", ".join(map(report.clean, skip))))
    return gravest(_code(one) for one in found.values())


def _code(found: Found) -> int:
    if isinstance(found, DpnError):
        return found.exit_code
    return BLOCKED if found and found.blocked else 0


def _complaint(found: Found, again: str) -> list[Line]:
    if isinstance(found, DpnError):
        return report.error_lines(found)
    return report.blocked_lines(found.blocked, again) if found and found.blocked else []


def _data(found: Found) -> dict[str, Any]:
    if isinstance(found, DpnError):
        return {"outcome": "failed", "blocked": {}, "error": report.error_data(found, found.exit_code)["error"]}
    return (
        {"outcome": found.outcome, "blocked": dict(found.blocked)} if found else {"outcome": "nothing", "blocked": {}}
    )


def _lines(results: dict[str, Found], skipped: str) -> list[Line]:
    left = f"left as it is: {skipped}" if skipped else "nothing is left of it"
    words = {
        "accepted": "accepted as it is; see dpn plan for what is left to do",
        "rolled_back": f"undone; {left}",
        "done": "it had done all; put away",
        "blocked": "blocked",
        "stays": "goes on here",
        "failed": "not settled, as said above",
        "nothing": "nothing is open",
    }
    if not results:
        return [Line("There is no stack yet.")]
    outcomes = {key: _data(found)["outcome"] for key, found in sorted(results.items())}
    return [Line(f"{report.clean(key)}: {words.get(outcome, outcome)}") for key, outcome in outcomes.items()]


COMMAND = recover
