"""The convention of an organisation, made ready for one kind: its pattern, its letters, its limits, its forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dpn.errors import Place, Problem
from dpn.extensions import Transform
from dpn.naming.compiling import compile_pattern
from dpn.naming.globs import by_kind, joined, matching, tie_problem, ties
from dpn.naming.pattern import Pattern, Piece
from dpn.naming.settings import DEEP, Settings, pattern_of
from dpn.naming.vocabulary import Form
from dpn.provider import KindInfo, NameRule

if TYPE_CHECKING:
    from dpn.naming.endings import Ending
    from dpn.naming.shortening import Shortening

STANDARD = frozenset(("project", "environment", "region", "team", "cost_center"))
"""The variables that every pattern may use."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the convention says for one kind. `rule` is the provider's, narrowed; `pattern` is None if it has problems.

    Without `text` the kind has no name of its own. forms: of the variables that are declared somewhere.
    ending: what every name gets; shortening: what is done to one that is too long.
    readable: that names can be read backwards is required. unicode: they may hold more than ASCII.
    """

    text: str
    pattern: Pattern | None
    rule: NameRule
    allowed: str = ""
    required: tuple[str, ...] = ()
    forms: Mapping[str, Form] = field(default_factory=dict)
    ending: Ending | None = None
    shortening: Shortening | None = None
    readable: bool = False
    unicode: bool = False
    problems: tuple[Problem, ...] = ()

    def joined(self, pieces: Sequence[Piece], suffix: str = "") -> tuple[str, Problem | None]:
        """Join the texts of a name, with what is put behind every name, or shortened if it is too long.

        suffix: the ending that the spec asks for; it stays last, and counts.
        """
        if not "".join([text for _, text in pieces[-1:]]).endswith(suffix):
            pieces = [*pieces, (None, suffix)]
        if self.shortening:
            return self.shortening.fit(pieces)
        text = "".join([text for _, text in pieces])
        return (self.ending.behind(text, self.rule.allow_suffix) if self.ending else text), None

    def bare(self, name: str) -> str:
        """Take off the ending that a spec can ask for, unless the pattern writes it itself."""
        last = self.pattern.flat[-1] if self.pattern and self.rule.suffix else None
        if last is None or (isinstance(last, str) and last.endswith(self.rule.suffix)):
            return name
        return name.removesuffix(self.rule.suffix)


def style(
    settings: Settings,
    info: KindInfo,
    known: Collection[str],
    transforms: Mapping[str, Transform],
    forms: Mapping[str, Form],
) -> Style:
    """Make the convention ready for one kind. known: variables beyond those that kind, files and all patterns have."""
    text, path, source = pattern_of(settings, info)
    if not text:
        return Style("", None, info.name_rule)
    rule, allowed, problems = _narrowed(settings, info)
    narrow = replace(rule, charset=allowed or rule.charset)
    ending, wrong = _ending(settings, info.kind, narrow)
    pattern, found = compile_pattern(
        text, rule=narrow, known={*known, *forms, *STANDARD}, transforms=transforms,
        values={name: [entry[0] for entry in form.entries] for name, form in forms.items()},
        tail=ending.size if ending else 0,
    )  # fmt: skip
    short, more = _shortening(settings, info.kind, narrow, pattern, forms, ending) if pattern else (None, [])
    problems += [_said_of(problem, info.kind, f"{text[:120]!a}{source}", settings.place(*path)) for problem in found]
    problems += [*wrong, *more, *_tie_problems(settings, info.kind)]
    return Style(
        text, pattern, rule, allowed, _required(settings, info.kind), forms, ending, short,
        readable=settings.readable(info.kind), unicode=settings.unicode(info.kind), problems=tuple(problems),
    )  # fmt: skip


def _narrowed(settings: Settings, info: KindInfo) -> tuple[NameRule, str, list[Problem]]:
    """Give the kind's rule as the file narrows it, the characters that the file allows, and what is wrong with that."""
    if not settings.narrows:
        return info.name_rule, "", []
    from dpn.naming import narrowing  # noqa: PLC0415 - a plan without a patterns file does not pay for it

    rule, problems = narrowing.narrow(settings, info)
    allowed = by_kind(settings.validation.get("allowed_chars"), info.kind, "")
    return rule, allowed, [*problems, *narrowing.allowed_problems(settings, info.kind, allowed, rule)]


def _ending(settings: Settings, kind: str, rule: NameRule) -> tuple[Ending | None, list[Problem]]:
    given = joined(settings.transformations.get("hash_generation"), kind)
    if given is None:
        return None, []
    from dpn.naming import endings  # noqa: PLC0415 - few kinds get a hash, and every plan pays for what stands above

    made = endings.make(settings, kind, rule, "hash_generation", given)
    return (None, [made]) if isinstance(made, Problem) else (made, [])


def _shortening(
    settings: Settings, kind: str, rule: NameRule, pattern: Pattern, forms: Mapping[str, Form], ending: Ending | None
) -> tuple[Shortening | None, list[Problem]]:
    if settings.shorten(kind) is None:
        return None, []
    from dpn.naming import narrowing, shortening  # noqa: PLC0415 - as above

    if ending:
        return None, [narrowing.setting_problem(settings, kind, "shorten", "and hash_generation are both asked for")]
    return shortening.shortening(settings, kind, rule, pattern, forms)


def _said_of(problem: Problem, kind: str, text: str, place: Place | None) -> Problem:
    return replace(problem, message=f"Pattern {text} of {kind}: {problem.message}", field=kind, place=place)


def _required(settings: Settings, kind: str) -> tuple[str, ...]:
    setting = settings.validation.get("required_variables") or ()
    if isinstance(setting, Mapping):
        return tuple(dict.fromkeys(name for glob in matching(setting, kind) for name in setting[glob]))
    return tuple(setting)


def _tie_problems(settings: Settings, kind: str) -> Iterator[Problem]:
    checked: list[tuple[tuple[str, ...], Any]] = [
        (("patterns",), settings.data.get("patterns")),
        *(((f"convention {one.name}", "patterns"), one.patterns) for one in (settings.convention,) if one),
        *((("transformations", key), value) for key, value in settings.transformations.items() if key not in DEEP),
        *(((key,), settings.data.get(key)) for key in ("readable", "unicode")),
        *((("validation", key), settings.validation.get(key)) for key in ("max_length", "allowed_chars")),
    ]
    for path, setting in checked:
        for one, other in ties(setting, kind):
            yield replace(tie_problem(kind, ".".join(path), one, other), place=settings.place(*path, one))
