"""A kind made ready: its pattern, its tables and its rule, all that its names are made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dpn.errors import Problem
from dpn.naming import complaints
from dpn.naming.convention import Style
from dpn.naming.layers import NOTHING
from dpn.naming.pattern import Piece, Token
from dpn.naming.regions import unmapped
from dpn.naming.rule import Checker, convert_case
from dpn.naming.text import ascii_lower
from dpn.naming.values import Value
from dpn.naming.vocabulary import OPEN, Form, same_token
from dpn.provider import KindInfo


@dataclass(frozen=True, slots=True)
class Ready:
    """What stays the same for all names of a kind. codes: of regions; abbreviations: by variable and small letters."""

    info: KindInfo
    style: Style
    codes: Mapping[str, str]
    abbreviations: Mapping[str, Mapping[str, str]]
    checker: Checker

    @property
    def case(self) -> str:
        """Tell which letters names have: lower, upper or any."""
        return self.style.pattern.case if self.style.pattern else "any"

    def look_up(self, token: Token, text: str) -> tuple[str, Problem | None]:
        """Give what the tables have for a value: the code of a region, then an abbreviation; else the value itself."""
        problem = None
        if token.name == "region" and not token.full:
            if text not in self.codes:
                problem = unmapped(text, self.codes)
            text = self.codes.get(text, text)
        short = self.abbreviations.get(token.name, NOTHING).get(ascii_lower(text))
        if short is None and token.abbr:
            problem = problem or complaints.no_abbreviation(token.name, text)
        return (text if short is None else short), problem

    def looked_up(self, values: Mapping[str, Value]) -> tuple[dict[str, str], list[Problem]]:
        """Give what the tables have for each variable of the pattern that has a value."""
        words: dict[str, str] = {}
        problems = []
        for token in self.style.pattern.tokens if self.style.pattern else ():
            if value := values.get(token.name):
                words[token.name], problem = self.look_up(token, value.text)
                problems += [problem] if problem else []
        return words, problems

    def word(self, token: Token, value: str) -> str | None:
        """Give what a value becomes in a name; None if it cannot stand there."""
        text, problem = self.look_up(token, value)
        problems: list[Problem] = []
        if problem is None and self.style.pattern:
            text = convert_case(self.style.pattern.word(token, text, problems), self.case)
        return None if problem or problems else text

    def strangers(self, pieces: Iterable[Piece], values: Mapping[str, Value]) -> list[Problem]:
        """Give what keeps a name from being read back where that is required: values that their form does not have."""
        pattern = self.style.pattern
        if not self.style.readable or pattern is None:
            return []
        forms = [(name, text, self.style.forms.get(name, OPEN)) for name, text in pieces if name]
        return [
            complaints.not_of_form(name, values[name].text, form.name)
            for name, text, form in forms
            if (form.name == "word" and pattern.separator and pattern.separator in text)
            or (form.name == "known" and not any(values[name].text in entry for entry in form.entries))
        ]

    def words(self, token: Token, form: Form) -> dict[str, str]:
        """Give the first value of each entry that is known of a variable, by what it becomes in a name."""
        found: dict[str, str] = {}
        for entry in form.entries:
            for value in entry:
                if word := self.word(token, value):
                    found.setdefault(word, entry[0])
        return found

    def table(self, token: Token, form: Form) -> dict[str, str]:
        """Give what is known or has an abbreviation by what it becomes in names."""
        found = self.words(token, form)
        for long in self.abbreviations.get(token.name, ()):
            if word := self.word(token, long):
                found.setdefault(word, long)
        return found

    def longest(self, forms: Mapping[str, Form]) -> dict[str, int]:
        """Give the length of the longest known value of each variable of the pattern that has some."""
        tokens = self.style.pattern.tokens if self.style.pattern else ()
        words = {token.name: self.words(token, forms[token.name]) for token in tokens if token.name in forms}
        return {name: max(map(len, found)) for name, found in words.items() if found}

    def vocabulary_problems(self) -> Iterator[Problem]:
        """Yield values of one variable that look the same in names and are not one entry of its vocabulary.

        Where `max` cuts, compiling has said so; a filter that is declared lossy is meant to make values equal.
        """
        for token in self.style.pattern.tokens if self.style.pattern else ():
            form = self.style.forms.get(token.name)
            if not form or token.lossy or _cuts(token):
                continue
            seen: dict[str, tuple[Any, str]] = {}
            for entry in form.entries:
                for value in entry:
                    word = self.word(token, value)
                    other = seen.setdefault(word, (entry, value)) if word else (entry, value)
                    if other[0] is not entry and other[1] != value:  # a value twice is said elsewhere
                        yield same_token(self.info.kind, token.name, word or "", other[1], value)


def _cuts(token: Token) -> bool:
    return bool(token.steps) and token.steps[-1][0] == "max"
