"""What the reports of an audit are made of: judged names, kinds that are missing, and writers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from dpn.errors import Problem
from dpn.report.tallies import Tally
from dpn.report.text import Line


class Judged(Protocol):
    """One name with what is said of it."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def complies(self) -> Literal["yes", "no", "unknown"]:
        """Whether it complies."""

    @property
    def by(self) -> str:
        """Whose rule it breaks."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong."""

    @property
    def nearest(self) -> str | None:
        """A name that would do."""


class Missing(Protocol):
    """A kind whose names are not among the rows, and why."""

    @property
    def kind(self) -> str:
        """The kind."""

    @property
    def why(self) -> str:
        """Why they are not."""


class Writer(Protocol):
    """Gives the lines of one format."""

    def begin(self) -> list[Line]:
        """Give what stands before all names."""

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        """Give the lines of some names."""

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        """Give what stands behind all names."""


def said(problems: Iterable[Problem]) -> str:
    """Give what is wrong, in one text."""
    return " ".join(problem.message for problem in problems)
