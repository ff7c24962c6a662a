"""Names against the rule of their kind: which rule is broken, what is expected, and the nearest name that would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from dpn.errors import Problem
from dpn.naming.text import ascii_lower, ascii_upper, code_point, unseen
from dpn.provider import NameRule

_SHOWN = 120


def word_separator(rule: NameRule) -> str:
    """Give what stands between words: the kind's separator, and `-` inside the segments of a path."""
    return "-" if rule.separator == "/" else rule.separator


def letters(rule: NameRule) -> str:
    """Tell which case names of a kind have: lower, upper or any."""
    if rule.case != "any":
        return rule.case
    return rule.fold if rule.fold != "none" else "any"


def convert_case(text: str, case: str) -> str:
    """Give `text` in the case that `letters` names; only ASCII letters change."""
    if case == "any":
        return text
    return ascii_lower(text) if case == "lower" else ascii_upper(text)


def ending_apart(name: str, ends: Iterable[str]) -> tuple[str, str]:
    """Split off a suffix that must stay last."""
    last = next((end for end in ends if name.endswith(end)), "")
    return name.removesuffix(last), last


def check(rule: NameRule, name: str) -> list[Problem]:
    """Give every way in which `name` breaks `rule`; the codes say which (NAME-LENGTH, NAME-CHARS, …).

    The length is checked first, in the unit that the service counts, so that no expression sees more than the maximum.
    """
    return checker(rule).problems(name)


def nearest(rule: NameRule, name: str) -> str | None:
    """Give a valid name close to `name`, with case, characters, ends and length mended; None if that fails."""
    return checker(rule).nearest(name)


@lru_cache(maxsize=512)
def checker(rule: NameRule) -> Checker:
    """Give the checker of a rule, compiled once."""
    return Checker(rule)


class Checker:
    """A rule with its expressions compiled."""

    def __init__(self, rule: NameRule) -> None:
        self.rule = rule
        self._folds = rule.fold != "none" or rule.unique_fold != "none"
        self._match = re.compile(rule.pattern, re.ASCII).fullmatch
        self._outside = re.compile(f"[^{rule.charset}]", re.ASCII) if rule.charset else None
        self._forbidden = tuple(re.compile(text, re.ASCII) for text in rule.forbid_regex)
        self._prefixes, self._suffixes, self._substrings, self._reserved = (
            tuple(map(self._fold, words))
            for words in (rule.forbid_prefix, rule.forbid_suffix, rule.forbid_substring, rule.reserved)
        )

    def _fold(self, text: str) -> str:
        return text.lower() if self._folds else text

    def accepts(self, name: str) -> bool:
        """Tell whether the name is valid; the fast way to `not problems(name)`."""
        if not self.rule.min <= self.rule.size(name) <= self.rule.max or not name or unseen(name):
            return False
        body, folded = self._body(name), self._fold(name)
        return not (
            not self._match(body)
            or (self._outside and self._outside.search(body))
            or folded.startswith(self._prefixes)
            or folded.endswith(self._suffixes)
            or folded in self._reserved
            or any(word in folded for word in self._substrings)
            or any(pattern.search(body) for pattern in self._forbidden)
        )

    def problems(self, name: str) -> list[Problem]:
        """Give every way in which the name is wrong."""
        if self.accepts(name):
            return []
        if not name:
            return [self._problem("NAME-EMPTY", "The name is empty.")]
        size = self.rule.size(name)
        if size > self.rule.max:
            return [self._length(name, size)]
        found = [self._length(name, size)] if size < self.rule.min else []
        return [*found, *self._shape(name), *self._words(self._fold(name))]

    def _shape(self, name: str) -> Iterator[Problem]:
        body = self._body(name)
        wrong = [*dict.fromkeys(self._outside.findall(body))] if self._outside else []
        if not wrong and (hidden := unseen(name)):
            wrong = [hidden]
        if wrong:
            listed = ", ".join(_shown(char) for char in wrong[:10])
            expected = f"characters of [{self.rule.charset}]" if self.rule.charset else "characters that can be seen"
            yield self._problem("NAME-CHARS", f"{_quote(name)} holds {listed}.", expected)
        elif self.rule.size(name) >= self.rule.min and not self._match(body):
            yield self._problem("NAME-FORM", f"{_quote(name)} has not the form of a name.", self.rule.pattern)
        for pattern in self._forbidden:
            if hit := pattern.search(body):
                message = f"{_quote(name)} holds the forbidden {_quote(hit[0])}."
                yield self._problem("NAME-FORM", message, f"nothing that matches {pattern.pattern}")

    def _words(self, folded: str) -> Iterator[Problem]:
        for prefix in self._prefixes:
            if folded.startswith(prefix):
                yield self._problem("NAME-PREFIX", f"The beginning {prefix!r} is reserved.")
        for suffix in self._suffixes:
            if folded.endswith(suffix):
                yield self._problem("NAME-SUFFIX", f"The ending {suffix!r} is reserved.")
        for word in self._substrings:
            if word in folded:
                yield self._problem("NAME-SUBSTRING", f"{word!r} cannot stand in the name.")
        if folded in self._reserved:
            yield self._problem("NAME-RESERVED", f"{folded!r} is a reserved name.", "another name")

    def _body(self, name: str) -> str:
        """Take off an ending that the class need not hold (`.fifo`); it counts for the length."""
        return ending_apart(name, self.rule.allow_suffix)[0]

    def _length(self, name: str, size: int) -> Problem:
        unit = "characters" if self.rule.unit == "chars" else "bytes"
        off = f"{size - self.rule.max} too many" if size > self.rule.max else f"{self.rule.min - size} too few"
        expected = f"{self.rule.min} to {self.rule.max} {unit}"
        return self._problem("NAME-LENGTH", f"{_quote(name)} has {size} {unit}, {off}.", expected)

    def _problem(self, code: str, message: str, expected: str | None = None) -> Problem:
        source = f" Rule: {self.rule.source}." if self.rule.source else ""
        return Problem(code, f"{message}{source}", expected=expected)

    def nearest(self, name: str) -> str | None:
        """Give a valid name close to `name`, or None: mended as little as will do."""
        body, last = ending_apart(name, self.rule.allow_suffix)
        text = convert_case(body[: self.rule.max * 2], letters(self.rule))
        plain = re.sub(r"[^A-Za-z0-9]+", word_separator(self.rule), text)
        made = (f"{self._trimmed(one, self.rule.max - len(last))}{last}" for one in (text, plain))
        return next((near for near in made if near != name and self.accepts(near)), None)

    def _trimmed(self, text: str, room: int) -> str:
        for prefix in self._prefixes:
            if self._fold(text).startswith(prefix):
                text = text[len(prefix) :]
        return text.strip("-_. ")[:room].rstrip("-_. ")


def _quote(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else name[: _SHOWN - 3] + "...")


def _shown(char: str) -> str:
    return repr(char) if char.isascii() and char.isprintable() else code_point(char)
