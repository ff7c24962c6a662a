"""Names that others gave, against the rule of the cloud and against the convention: do they comply, and if not, why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from dpn.errors import Problem
from dpn.naming import complaints
from dpn.naming.fitting import Fitter, Shortened
from dpn.naming.render import Namer
from dpn.naming.rule import convert_case, ending_apart

Complies: TypeAlias = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Audited:
    """What is said of one name. by: whose rule it breaks, or which side cannot be told; nearest: a name that would do.

    The nearest name complies if there is such a one, else the cloud would take it at least.
    """

    kind: str
    name: str
    complies: Complies
    by: Literal["", "cloud", "convention"] = ""
    problems: tuple[Problem, ...] = ()
    nearest: str | None = None


class Auditor:
    """Judges names of one kind, which has a pattern. `custom_by`: the plugins that may name otherwise, if any do."""

    def __init__(self, namer: Namer, kind: str, custom_by: str = "") -> None:
        self._ready, self._custom_by = namer.ready(kind), custom_by if namer.custom else ""
        self._style, self._kind = self._ready.style, kind
        forms, short = namer.forms(kind), self._style.shortening
        self._fitter = Fitter(self._ready, forms, namer.closed)
        self._shortened = Shortened(self._ready, forms, namer.closed, short) if short else None

    def judge(self, name: str) -> Audited:
        """Judge a name; the convention is asked only about names that the cloud takes."""
        found = self._judged(name)
        if found.complies == "yes":
            return found
        return replace(found, nearest=self._nearest(name, valid=found.by != "cloud"))

    def _judged(self, given: str) -> Audited:
        if not self._ready.checker.accepts(given):
            return Audited(self._kind, given, "no", "cloud", tuple(self._ready.checker.problems(given)))
        name = self._style.rule.canonical(given)
        if limits := self._limits(name):
            return Audited(self._kind, given, "no", "convention", limits)
        problem = self._against(name)
        if problem is None:
            return Audited(self._kind, given, "yes")
        complies: Complies = "unknown" if problem.code == "NAME-UNTOLD" else "no"
        return Audited(self._kind, given, complies, "convention", (problem,))

    def _limits(self, name: str) -> tuple[Problem, ...]:
        return tuple(complaints.validation(self._style, self._ready.info, name, _nowhere))

    def _against(self, name: str) -> Problem | None:
        """Say what keeps a name from being one of the pattern."""
        if not name.isascii():
            return _untold("only names of ASCII characters are read")
        body, problem = self._bare(name)
        body = self._style.bare(body)
        if problem is None and self._fitter.fits(body):
            return None
        if self._shortened and self._style.shortening and self._style.shortening.made(name):
            what = f"it may be a shortened one (transformations.shorten of {self._kind}), and what is left does not fit"
            return None if self._shortened.fits(name) else _untold(what)
        if self._custom_by:
            return _untold(f"the pattern does not make it, and {self._custom_by} may have given it in dpn_name")
        return problem or self._unlike(body)

    def _bare(self, name: str) -> tuple[str, Problem | None]:
        """Take off the hash that every name gets; the hash is made anew and compared."""
        ending = self._style.ending
        if not ending:
            return name, None
        body, last = ending_apart(name, self._style.rule.allow_suffix)
        bare = body[: -ending.size] + last
        if ending.behind(bare, self._style.rule.allow_suffix) == name:
            return bare, None
        message = f"{name!r} does not end in the hash of the rest (transformations.hash_generation of {self._kind})."
        return bare, Problem("NAME-HASH", message)

    def _unlike(self, name: str) -> Problem:
        text, (reached, ended) = self._style.text, self._fitter.reached(name)
        if ended:
            why = "a part of it has an abbreviation, or is not as its filter leaves it"
        elif reached == len(name):
            why = "at most the beginning of one"
        else:
            why = f"{name[reached]!r} cannot {f'follow {name[:reached]!r}' if reached else 'be its beginning'}"
        return Problem("NAME-PATTERN", f"{name!r} is no name of the pattern {text!r}: {why}.")

    def _nearest(self, name: str, *, valid: bool) -> str | None:
        """Give a name that complies and is near, else one that the cloud takes; None if the name itself is taken."""
        near = None if valid else self._ready.checker.nearest(name)
        separator = self._style.pattern.separator if self._style.pattern else ""
        words = re.sub(r"[^A-Za-z0-9]+", separator, name[: self._style.rule.max * 2])
        tidy = convert_case(words, self._ready.case).strip("-_")
        complying = (one for one in (near, tidy) if one and one != name and self._judged(one).complies == "yes")
        return next(complying, near)


def _nowhere(*_: str) -> None:
    """Leave out where a limit is set: what is wrong is in the cloud, and not in that line."""


def _untold(why: str) -> Problem:
    return Problem("NAME-UNTOLD", f"It cannot be told whether it is of the convention: {why}.", severity="warning")
