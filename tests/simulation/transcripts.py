"""What a process asks for in some cases of a scenario, word by word: `transcripts.py [SCENARIO]`, `--write` keeps it.

The journal, the state and what listeners are told outlive the version that wrote them, so a change of any of it must
be meant. `transcripts.json` holds a digest for each scenario; with a scenario the transcript itself is printed, so that
it can be compared with that of another version of dpn.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from dpn.testing.simulation import Effort, Lab, scenarios, searched
from dpn.testing.simulation.search import SEARCHES

KEPT = Path(__file__).with_name("transcripts.json")
LIMITS = {
    "a_crash_at_every_step": 3, "a_fault_at_every_call": 8, "two_faults": 4, "a_fault_and_a_crash": 16,
    "a_crash_in_recovery": 32, "a_fault_in_recovery": 32, "a_signal_at_every_turn": 3, "damage_after_a_crash": 7,
    "a_person_accepts": 48, "a_person_skips": 48, "at_random": 6,
}  # fmt: skip
"""So many cases of each search that a few come out: some take but a share of the limit."""


class Transcript:
    """Takes down what processes ask for, as a digest; `write` gets each line."""

    def __init__(self, write: Callable[[str], object] = lambda _: None) -> None:
        self._sum, self._write = hashlib.sha256(), write

    def note(self, what: str, value: Any) -> None:
        line = f"{what} {json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)}\n"
        self._sum.update(line.encode())
        self._write(line)

    def digest(self) -> str:
        return self._sum.hexdigest()[:16]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if getattr(value, one.name)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@contextmanager
def taken_down(lab: Lab, transcript: Transcript) -> Iterator[None]:
    """Let a transcript hear what the processes of a lab do."""
    live = lab.live

    def told(image: Any, life: Any, plan: Any = None, *, watch: bool = False) -> Any:
        transcript.note("life", str(life))
        ended = live(image, life, plan, watch=watch)
        transcript.note("ended", [ended.outcome, ended.steps, ended.turns, sorted(ended.image.disk.names)])
        return ended

    lab.machine.on_doing = transcript.note
    lab.live = told  # type: ignore[method-assign]
    try:
        yield
    finally:
        del lab.live


def transcript_of(name: str, transcript: Transcript) -> Transcript:
    """Take down a sample of all searches of one scenario."""
    lab = Lab(scenarios()[name])
    with taken_down(lab, transcript):
        for search in SEARCHES:
            assert not searched(lab, Effort(limit=LIMITS[search.__name__]), [search], at_most=1).violations
    return transcript


def main() -> None:
    """Print one transcript, or keep all digests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.scenario:
        transcript_of(asked.scenario, Transcript(sys.stdout.write))
    if asked.write:
        digests = {name: transcript_of(name, Transcript()).digest() for name in scenarios()}
        KEPT.write_text(json.dumps(digests, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
