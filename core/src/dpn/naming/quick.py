"""Many names of one kind: what is the same for all is done once, and what a value becomes is remembered.

Whatever is not plain sailing is left to the namer, which gives the name or says what is wrong; so the answer is the
same, and only its cost differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dpn.naming.pattern import Token
from dpn.naming.ready import Ready
from dpn.naming.render import Namer
from dpn.naming.rule import convert_case
from dpn.naming.values import MAX_LENGTH, fault

REMEMBERED = 65_536
"""How many values are remembered for each variable; then it is begun anew, so that no stream fills the memory."""

_SHAPES = 256

_Memo: TypeAlias = dict[str, str]
_Slot: TypeAlias = tuple[str, _Memo, Callable[[str], str | None]]


class _Shape:
    """What names have in common for which the same variables are given: a template, and the slots in its order."""

    __slots__ = ("slots", "template", "unused")

    def __init__(self, template: str, slots: tuple[_Slot, ...], unused: tuple[_Slot, ...]) -> None:
        self.template, self.slots, self.unused = template, slots, unused


class Quick:
    """Gives the names that are made without trouble; `name` gives None for all others."""

    def __init__(self, namer: Namer, kind: str) -> None:
        ready = namer.ready(kind)
        self._ready, self._closed = ready, namer.closed
        base, problems = namer.values(kind)
        self._base = {name: value.text for name, value in base.items()}
        style = ready.style
        broken = bool(problems) or any(problem.severity == "error" for problem in namer.problems)
        self._able = bool(style.pattern) and not (namer.custom or style.readable or broken)
        self._limit, self._accepts, self._canonical = style.rule.max, ready.checker.accepts, style.rule.canonical
        self._allowed = re.compile(f"[{style.allowed}]*").fullmatch if style.allowed else None
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._memos: dict[str, _Memo] = {}

    @property
    def remembered(self) -> int:
        """Count what is kept in memory."""
        return len(self._shapes) + sum(map(len, self._memos.values()))

    def name(self, values: Mapping[str, Any]) -> str | None:
        """Give the name that these values make over the lower layers; None: ask the namer."""
        given = tuple(values)
        shape = self._shapes[given] if given in self._shapes else self._shape(given)
        if shape is None:
            return None
        try:
            words = [memo.get(values[name]) or become(values[name]) for name, memo, become in shape.slots]
            unused = [memo.get(values[name]) or become(values[name]) for name, memo, become in shape.unused]
        except TypeError:  # a list is no value, and cannot be looked up
            return None
        if None in words or None in unused:
            return None
        return self._finished(shape.template % tuple(words))

    def _finished(self, text: str) -> str | None:
        style = self._ready.style
        if style.ending:
            text = style.ending.behind(text, style.rule.allow_suffix)
        if len(text) > self._limit or not text.isascii() or (self._allowed and not self._allowed(text)):
            return None
        return text if self._accepts(text) and self._canonical(text) == text else None

    def _shape(self, given: tuple[str, ...]) -> _Shape | None:
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
            self._memos.clear()
        shape = self._shapes[given] = self._made(given) if self._able else None
        return shape

    def _made(self, given: tuple[str, ...]) -> _Shape | None:
        """Write the template: values of the lower layers are in it already."""
        pattern = self._ready.style.pattern
        known = {*self._base, *given}
        if pattern is None or pattern.missing(known) or not known.issuperset(self._ready.style.required):
            return None
        template, slots = "", []
        for part in pattern.shown(known):
            if isinstance(part, Token) and part.name in given:
                slots.append(self._slot(part.name, part))
                template += "%s"
            elif (text := self._fixed(part)) is None:
                return None
            else:
                template += text.replace("%", "%%")
        used = {name for name, _, _ in slots}
        unused = tuple(self._slot(name, None) for name in given if name not in used)
        return _Shape(template, tuple(slots), unused)

    def _fixed(self, part: str | Token) -> str | None:
        """Give what stands in each name: a literal, or the word of a value of the lower layers."""
        if isinstance(part, Token):
            return self._ready.word(part, self._base[part.name])
        return convert_case(part, self._ready.case)

    def _slot(self, name: str, token: Token | None) -> _Slot:
        memo = self._memos.setdefault(name, {})
        become = self._environment if name == "environment" else _becoming(self._ready, name, token, self._closed)
        plain = token is not None and name not in {"environment", *self._closed} and _is_plain(self._ready, token)

        def learned(value: Any) -> str | None:
            """Give what a value becomes; one that stays as it is need not be remembered."""
            if plain and value.__class__ is str and value.isalnum() and value.islower() and value.isascii():
                return value if len(value) <= MAX_LENGTH else None
            if not isinstance(value, str) or not value or fault(value):
                return None
            word = become(value)
            if word is not None:
                if len(memo) >= REMEMBERED:
                    memo.clear()
                memo[value] = word
            return word

        return name, memo, learned

    def _environment(self, value: str) -> str | None:
        """Give the word of the environment that was chosen; a second one is an error."""
        token = next((one for one in self._tokens() if one.name == "environment"), None)
        if value != self._base["environment"]:
            return None
        return self._ready.word(token, value) if token else value

    def _tokens(self) -> tuple[Token, ...]:
        return self._ready.style.pattern.tokens if self._ready.style.pattern else ()


def _becoming(
    ready: Ready, name: str, token: Token | None, closed: Mapping[str, frozenset[str]]
) -> Callable[[str], str | None]:
    allowed = closed.get(name)

    def become(value: str) -> str | None:
        if allowed is not None and value not in allowed:
            return None
        return ready.word(token, value) if token else value

    return become


def _is_plain(ready: Ready, token: Token) -> bool:
    """Tell whether small letters and digits stay what they are."""
    region = token.name == "region" and not token.full
    return not (token.steps or token.abbr or region or token.name in ready.abbreviations) and ready.case != "upper"
