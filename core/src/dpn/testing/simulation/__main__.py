"""`python -m dpn.testing.simulation`: search all scenarios and print the figure, or replay one case."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from dpn.testing.simulation.case import parse
from dpn.testing.simulation.driver import Violation
from dpn.testing.simulation.lab import Lab
from dpn.testing.simulation.scenarios import scenarios
from dpn.testing.simulation.search import Effort, Found, searched

_LIMIT = 100
"""Cases of each search and scenario: 50,000 runs and more in a minute on two cores."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Search or replay; give 1 if a promise was broken."""
    options = _options(arguments)
    if options.case:
        return _replay(options.case)
    effort = Effort(None if options.full else options.limit, options.seed)
    names = [name for name in scenarios() if options.only in name]
    began = time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(_told(pool.map(partial(_search, effort=effort), names), len(names), quiet=options.quiet))
    return _summed_up(found, time.monotonic() - began, effort)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dpn.testing.simulation", description=__doc__)
    parser.add_argument("case", nargs="?", help="replay this one, as it was printed")
    parser.add_argument("--full", action="store_true", help="all cases of each search instead of a sample")
    parser.add_argument("--limit", type=int, default=_LIMIT, help=f"cases of each search and scenario ({_LIMIT})")
    parser.add_argument("--seed", default="dpn", help="chooses the sample and the random cases")
    parser.add_argument("--only", default="", metavar="TEXT", help="scenarios whose name has this in it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--quiet", action="store_true", help="print the sum only")
    return parser.parse_args(arguments)


def _search(name: str, effort: Effort) -> Found:
    return searched(Lab(scenarios()[name]), effort)


def _told(all_found: Iterable[Found], total: int, *, quiet: bool) -> Iterable[Found]:
    for number, found in enumerate(all_found, 1):
        if not quiet or found.violations:
            sys.stdout.write(
                f"{number:3}/{total} {found.scenario}: {found.runs:,} runs, {len(found.violations)} violations\n"
            )
        for case in found.violations:
            sys.stdout.write(f"      {case}\n")
        sys.stdout.flush()
        yield found


def _summed_up(found: Sequence[Found], seconds: float, effort: Effort) -> int:
    runs, lives = sum(one.runs for one in found), sum(one.lives for one in found)
    broken = sum(len(one.violations) for one in found)
    sys.stdout.write(
        f"{runs:,} runs ({lives:,} processes) over {len(found)} scenarios in {seconds:.0f} s, seed {effort.seed!r}: "
        f"{broken} violations\n"
    )
    if broken:
        sys.stdout.write('Replay one: python -m dpn.testing.simulation "CASE"\n')
    return 1 if broken else 0


def _replay(text: str) -> int:
    case = parse(text)
    lab = Lab(scenarios()[case.scenario])
    try:
        lab.run(case)
    except Violation as broken:
        sys.stdout.write(f"{broken}\n")
        return 1
    sys.stdout.write(f"{case}: all promises hold\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
