"""`dpn recover`: settle what an interrupted run left open."""

from __future__ import annotations

from dataclasses import replace

import click

from dpn import api, report
from dpn.cli.options import CLOUD, OUTPUT, command
from dpn.cli.output import BLOCKED
from dpn.cli.progress import running
from dpn.cli.session import Session, mend
from dpn.errors import InputError
from dpn.report import Line


@command(
    "file", "stack", "environment", "max_size", *CLOUD, "lock_timeout", *OUTPUT,
    params=(
        click.Option(
            ["--skip"], multiple=True, metavar="ADDRESS", help="Leave this one as it is, and forget it; repeatable."
        ),
        click.Option(["--continue", "go_on"], is_flag=True, help="Try again what was blocked; this is the default."),
        click.Option(["--accept"], is_flag=True, help="Undo nothing more: what was done so far stays and is recorded."),
    ),
    examples=("dpn recover", "dpn recover --stack sales-lake.dev", "dpn recover --skip 'aws_s3_bucket.lake[gold]'",
              "dpn recover --accept"),
)  # fmt: skip
def recover(session: Session, options: api.Options, skip: tuple[str, ...], *, go_on: bool, accept: bool) -> int:
    """Settle and undo what an interrupted run left open, in every stack, or in that of --stack or FILE.

    It finds out what became of each call without a reply. What cannot be undone stays recorded and is named.
    """
    if go_on and (skip or accept):
        raise click.UsageError("--continue tries all of it again; --skip and --accept leave something as it is")
    if skip:
        _refuse_strangers(session, options, skip)
    with running(session) as progress:
        progress.mends = True
        options = replace(options, tell=progress.hear)
        results = api.recover(options, session.world, skip=skip, accept=accept, control=progress.control)
    session.changed = any(results.values())
    found = {key: result for key, result in results.items() if result}
    for key, result in found.items():
        session.console.complain(*(report.blocked_lines(result.blocked, mend(options, key)) if result.blocked else ()))
    if session.json:
        stacks = {
            key: {"outcome": result.outcome if result else "nothing", "blocked": dict(result.blocked) if result else {}}
            for key, result in results.items()
        }
        session.print_json({"format_version": "1", "stacks": stacks})
    else:
        session.console.result(*_lines(results, ", ".join(map(report.clean, skip))))
    return BLOCKED if any(result.blocked for result in found.values()) else 0


def _refuse_strangers(session: Session, options: api.Options, skip: tuple[str, ...]) -> None:
    """Refuse to skip what no open run has touched."""
    named = [options] if options.stack or options.file else None
    every = named or [replace(options, stack=key) for key in api.stacks(options, session.world)]
    touched = {address for one in every for address in api.unsettled(api.records(one, session.world)[1])}
    if strange := [address for address in skip if address not in touched]:
        there = f"It has: {', '.join(sorted(touched))}" if touched else "Nothing is open."
        raise InputError(f"Not in an open run: {', '.join(strange)}.", hint=there)


def _lines(results: dict[str, api.Result | None], skipped: str) -> list[Line]:
    left = f"left as it is: {skipped}" if skipped else "nothing is left of it"
    words = {
        "accepted": "accepted as it is; see dpn plan for what is left to do",
        "rolled_back": f"undone; {left}",
        "done": "it had done all; put away",
        "blocked": "blocked",
    }
    if not results:
        return [Line("There is no stack yet.")]
    return [
        Line(f"{report.clean(key)}: {words.get(result.outcome, result.outcome) if result else 'nothing is open'}")
        for key, result in sorted(results.items())
    ]


COMMAND = recover
