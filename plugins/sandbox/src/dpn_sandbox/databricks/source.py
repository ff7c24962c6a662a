"""Where a workspace gets identifiers and time from: the moment of the call, so that a replay gives the same again."""

from __future__ import annotations

from random import Random

from dpn_sandbox.cloud import Moment

BEGINNING = Moment(seed=0, at=1_767_225_600_000)  # what a fresh workspace holds was made on 2026-01-01


class Source:
    """Identifiers and time of the call that is being answered."""

    def __init__(self) -> None:
        """Begin at the beginning of the workspace."""
        self.begin(BEGINNING)

    def begin(self, moment: Moment) -> None:
        """Take over the moment of a call."""
        self._random = Random(moment.seed)  # noqa: S311 - it makes identifiers that a replay repeats, no secrets
        self._at = moment.at

    def digits(self, count: int) -> str:
        """Give hexadecimal digits."""
        return f"{self._random.getrandbits(4 * count):0{count}x}"

    def now(self) -> int:
        """Give milliseconds since the epoch."""
        return self._at
