"""Kill dpn in the middle of its work, again and again, and count what is left behind: `nox -s kill [-- KILLS [SEED]]`.

A platform of 200 resources, 174 of them new, is made by a real process, ten calls at a time, on clouds that are
processes of their own. The process is killed at a random moment, also in its undo and in a recovery, or gets a signal
that it hears. The next `dpn apply --yes`, without a terminal, has to settle and to finish.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from kill_audit import Findings
from kill_clouds import Clouds, running_clouds
from kill_estate import LARGE
from kill_rounds import WAYS, Outcome, Round

COLUMNS = ("kills", "open", "orphans", "duplicates", "foreign", "lost", "missing", "questions")
TERRAFORM = """
Terraform 1.11.4, measured with 200 resources of a provider whose cloud outlives it, -parallelism=10, SIGKILL:
  local state:   130 kills, orphans in 130 of 130 runs (1,664 objects); the next apply makes one duplicate for each,
                 647 of 647; the state file is empty, all records lost, in 3 of 130
  http backend:   30 kills, orphans in 30 of 30 runs (3,385 objects); 30 of 30 times the lock asks for a person"""


class Campaign:
    """Rounds, some at a time, until so many processes were struck while they worked."""

    def __init__(self, kills: int, seed: int) -> None:
        self._kills, self._seed = kills, seed
        self._numbers = itertools.count()
        self.outcomes: list[Outcome] = []

    @property
    def struck(self) -> int:
        """Count the processes that were struck before they ended."""
        return sum(outcome.struck is not None for outcome in self.outcomes)

    def work(self, clouds: Clouds) -> None:
        """Carry out rounds on clouds of one's own."""
        while self.struck < self._kills:
            number = next(self._numbers)
            outcome = Round(clouds, LARGE, self._seed, number).run()
            self.outcomes.append(outcome)
            if outcome.findings:
                print(f"round {number} ({outcome.way}): {outcome.findings} {outcome.notes}", flush=True)

    def run(self, at_once: int) -> None:
        """Carry out all rounds."""
        with ExitStack() as stack:
            folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(at_once)]
            clouds = [stack.enter_context(running_clouds(Path(folder))) for folder in folders]
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(self.work, clouds))


def table(outcomes: list[Outcome]) -> str:
    """Lay out what was counted, for each way to be struck and in all."""
    lines = [f"{'':9}" + "".join(f"{name:>11}" for name in COLUMNS)]
    for way in [*dict.fromkeys(WAYS), "all"]:
        mine = [outcome for outcome in outcomes if way in (outcome.way, "all")]
        found = sum((outcome.findings for outcome in mine), Findings())
        numbers = [sum(outcome.struck is not None for outcome in mine), sum(outcome.open for outcome in mine)]
        numbers += [getattr(found, name) for name in COLUMNS[2:]]
        lines.append(f"{way:9}" + "".join(f"{number:11}" for number in numbers))
    return "\n".join(lines)


def main() -> int:
    """Kill, count, print; fail if anything was left behind."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000
    print(f"seed {seed}: nox -s kill -- {kills} {seed}", flush=True)
    began, campaign = time.monotonic(), Campaign(kills, seed)
    campaign.run(at_once=2)
    rounds = len(campaign.outcomes)
    print(f"{table(campaign.outcomes)}\n{rounds} rounds in {time.monotonic() - began:.0f} s\n{TERRAFORM}")
    return any(outcome.findings for outcome in campaign.outcomes)


if __name__ == "__main__":
    sys.exit(main())
