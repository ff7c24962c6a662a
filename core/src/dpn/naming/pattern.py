"""A compiled pattern: from words to one text, many times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from dpn.errors import Problem
from dpn.naming.rule import convert_case
from dpn.naming.text import separate

Step = tuple[str, Callable[[str, str], str], str]
Piece = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Token:
    """A slot made ready: the steps that its value goes through. `full` and `abbr` are read by who looks values up.

    charsets: the characters that each step leaves, class bodies; empty: it does not say. word: it becomes one word.
    lossy: a plugin says of its filter that values may become equal. opaque: the value cannot be told from what became
    of it. kept: it can be told if it stayed as it is.
    """

    name: str
    steps: tuple[Step, ...]
    full: bool
    abbr: bool
    charsets: tuple[str, ...] = ()
    word: bool = False
    lossy: bool = False
    opaque: bool = False
    kept: bool = False

    @property
    def foreign(self) -> bool:
        """Tell whether a plugin's filter made it, so that only what this declares is known of it."""
        return self.lossy or self.kept


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. `parts` holds text, tokens, and for groups tuples of both; `variables` stand in order."""

    text: str
    parts: tuple[str | Token | tuple[str | Token, ...], ...]
    tokens: tuple[Token, ...]
    variables: tuple[str, ...]
    required: tuple[str, ...]
    separator: str
    case: str

    @property
    def flat(self) -> list[str | Token]:
        """Give the parts in order, those of groups among them."""
        return [one for part in self.parts for one in (part if isinstance(part, tuple) else (part,))]

    def missing(self, values: Collection[str]) -> list[str]:
        """Give the variables that need a value and have none, in the order of the pattern.

        A group needs all of its variables as soon as one of them has a value.
        """
        lacking = {name for name in self.required if name not in values}
        for part in self.parts:
            if isinstance(part, tuple):
                absent = _absent(part, values)
                if len(absent) < len(tokens_of(part)):
                    lacking.update(absent)
        return [name for name in self.variables if name in lacking]

    def render(self, values: Mapping[str, str]) -> tuple[str, list[Problem]]:
        """Join the values; `missing` was asked before. A problem's `field` is the variable."""
        pieces, problems = self.pieces(values)
        return "".join([text for _, text in pieces]), problems

    def shown(self, values: Collection[str]) -> list[str | Token]:
        """Give the parts in order, without the groups none of whose variables has a value."""
        out: list[str | Token] = []
        for part in self.parts:
            if not isinstance(part, tuple):
                out.append(part)
            elif any(token.name in values for token in tokens_of(part)):
                out += part
        return out

    def pieces(self, values: Mapping[str, str]) -> tuple[list[Piece], list[Problem]]:
        """Give the texts that make the name, in order, each with the variable that it is of; None for a literal."""
        problems: list[Problem] = []
        return [self._piece(part, values, problems) for part in self.shown(values)], problems

    def _piece(self, part: str | Token, values: Mapping[str, str], problems: list[Problem]) -> Piece:
        if isinstance(part, str):
            return None, convert_case(part, self.case)
        return part.name, convert_case(self.word(part, values[part.name], problems), self.case)

    def word(self, token: Token, value: str, problems: list[Problem]) -> str:
        """Give what one value becomes; what is wrong with it is added to `problems`."""
        text = value
        for name, apply, arg in token.steps:
            try:
                text = _text(apply(text, arg))
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the user is told which filter did
                reason = f"The filter {name} failed on {value!r}: {error}"
                problems.append(Problem("FILTER-FAILED", reason, field=token.name))
                return ""
        if "/" in text:
            problems.append(Problem("VALUE-SLASH", f"The value {value!r} holds a slash.", field=token.name))
        text = separate(text, self.separator)
        if not text:
            problems.append(Problem("VALUE-EMPTY", f"Nothing is left of the value {value!r}.", field=token.name))
        return text


def _text(answer: object) -> str:
    if isinstance(answer, str):
        return answer
    raise TypeError(f"it gave {answer!r}, which is no text")


def tokens_of(parts: Iterable[object]) -> list[Token]:
    """Give the tokens among the parts."""
    return [part for part in parts if isinstance(part, Token)]


def _absent(group: tuple[str | Token, ...], values: Collection[str]) -> list[str]:
    return [token.name for token in tokens_of(group) if token.name not in values]
