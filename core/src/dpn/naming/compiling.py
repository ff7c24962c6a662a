"""Patterns compiled for a kind.

Whatever can be known without values is a problem here: unknown variables and filters, letters that the kind does not
have, lengths that no values can bring about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce

from dpn.errors import Problem
from dpn.extensions import BUILT_IN, Transform
from dpn.naming.filters import LAST, OPAQUE, TABLES, WHOLE, argument_problem, builtin
from dpn.naming.grammar import Filter, Group, Item, Literal, Slot, flat, parse
from dpn.naming.pattern import Pattern, Token, tokens_of
from dpn.naming.rule import convert_case, ending_apart, letters, word_separator
from dpn.naming.text import did_you_mean, separate
from dpn.provider import NameRule

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def compile_pattern(
    text: str,
    *,
    rule: NameRule,
    known: Collection[str],
    transforms: Mapping[str, Transform],
    values: Mapping[str, Sequence[str]] | None = None,
    tail: int = 0,
) -> tuple[Pattern | None, list[Problem]]:
    """Compile a pattern for names that follow `rule`.

    known: the variables it may use. transforms: filters beyond core's own, which win. values: all values of those
    variables whose values are known. tail: how many characters every name gets behind it. Gives None when there are
    problems; each names the column inside the pattern.
    """
    items, problems = parse(text)
    if problems:
        return None, problems
    filters = {**transforms, **builtin(word_separator(rule))}
    slots = [item for item in flat(items) if isinstance(item, Slot)]
    problems += _variable_problems(slots, known)
    for slot in slots:
        problems += _filter_problems(slot, filters, rule)
    if problems:
        return None, problems
    pattern = _build(text, items, filters, rule)
    problems = [*_literal_problems(items, rule), *_length_problems(pattern, rule, tail)]
    problems += _equal_problems(pattern, values or {}, filters)
    return (None, problems) if problems else (pattern, [])


def _build(text: str, items: tuple[Item, ...], filters: Mapping[str, Transform], rule: NameRule) -> Pattern:
    exact = _exact_literals(items)

    def part(item: Literal | Slot) -> str | Token:
        if isinstance(item, Literal):
            return item.text if item.column in exact else word_separator(rule)
        return _token(item, filters, builtin(word_separator(rule)))

    parts = tuple(tuple(map(part, item.items)) if isinstance(item, Group) else part(item) for item in items)
    tokens = tuple(
        token for entry in parts for token in (tokens_of(entry) if isinstance(entry, tuple) else tokens_of([entry]))
    )
    required = tuple(token.name for token in tokens_of(parts))
    names = tuple(token.name for token in tokens)
    return Pattern(text, parts, tokens, names, required, word_separator(rule), letters(rule))


def _token(slot: Slot, filters: Mapping[str, Transform], own: Collection[str]) -> Token:
    used = [(item.name, filters[item.name], item.arg) for item in slot.filters if item.name not in TABLES]
    foreign = [transform for name, transform, _ in used if name not in own]
    lossy = any(transform.lossy for transform in foreign)
    opaque = lossy or any(name in OPAQUE for name, _, _ in used)
    return Token(
        slot.name,
        tuple((name, transform.apply, arg) for name, transform, arg in used),
        full=slot.has("full"),
        abbr=slot.has("abbr"),
        charsets=tuple(transform.charset for _, transform, _ in used),
        word=reduce(lambda word, one: one[1].word or (word and one[0] in WHOLE), used, False),
        lossy=lossy,
        opaque=opaque,
        kept=bool(foreign) and not opaque,
    )


def _exact_literals(items: tuple[Item, ...]) -> set[int]:
    """Give the columns of literals that stand as written: all but runs of `-` or `_` between two variables."""
    row = list(flat(items))
    slots = [index for index, item in enumerate(row) if isinstance(item, Slot)]
    first, last = (slots[0], slots[-1]) if slots else (0, 0)
    return {
        item.column
        for index, item in enumerate(row)
        if isinstance(item, Literal) and not (first < index < last and set(item.text) in ({"-"}, {"_"}))
    }


def _variable_problems(slots: list[Slot], known: Collection[str]) -> Iterator[Problem]:
    for slot in slots:
        if slot.name not in known:
            message = f"The variable {slot.name} is not known (column {slot.column} of the pattern)."
            hint = did_you_mean(slot.name, known)
            yield Problem("PATTERN-VARIABLE", message, field=slot.name, hint=hint)
    for name, times in Counter(slot.name for slot in slots).items():
        if times > 1:
            column = [slot.column for slot in slots if slot.name == name][1]
            message = f"The variable {name} stands {times} times (again in column {column} of the pattern)."
            yield Problem("PATTERN-TWICE", message, field=name, expected="each variable once at most")


def _filter_problems(slot: Slot, filters: Mapping[str, Transform], rule: NameRule) -> Iterator[Problem]:
    own = builtin(word_separator(rule))
    for index, item in enumerate(slot.filters):
        if item.name not in filters:
            message = f"The filter {item.name} is not known (column {item.column} of the pattern)."
            yield Problem("PATTERN-FILTER", message, field=slot.name, hint=did_you_mean(item.name, filters))
        elif reason := _misuse(slot, index, item, rule) if item.name in own else _unfit(slot, index, filters, rule):
            message = f"{reason} (column {item.column} of the pattern)."
            yield Problem("PATTERN-FILTER", message, field=slot.name)


def _misuse(slot: Slot, index: int, item: Filter, rule: NameRule) -> str | None:
    if reason := argument_problem(item.name, item.arg):
        return reason
    if item.name == "full" and slot.name != "region":
        return "The filter full is for {region} only"
    if item.name == "upper" and letters(rule) == "lower":
        return "The filter upper has no effect: names of this kind have no capitals"
    if item.name in LAST and index != len(slot.filters) - 1:
        return f"The filter {item.name} must be the last one of its variable"
    return None


def _unfit(slot: Slot, index: int, filters: Mapping[str, Transform], rule: NameRule) -> str | None:
    """Tell when the last filter, a plugin's, declares only characters that names of the kind cannot hold."""
    charset = filters[slot.filters[index].name].charset
    if not charset or not rule.charset or index != len(slot.filters) - 1:
        return None
    own = re.findall(f"[{charset}]", _PRINTABLE, re.ASCII)
    if any(re.fullmatch(f"[{rule.charset}]", convert_case(one, letters(rule)), re.ASCII) for one in own):
        return None
    return f"The filter {slot.filters[index].name} gives [{charset}], and names of this kind hold [{rule.charset}]"


def _literal_problems(items: tuple[Item, ...], rule: NameRule) -> Iterator[Problem]:
    if not rule.charset:
        return
    exact, row = _exact_literals(items), list(flat(items))
    for item in row:
        if isinstance(item, Literal) and item.column in exact:
            text, _ = ending_apart(item.text, rule.allow_suffix if item is row[-1] else ())
            wrong = re.sub(f"[{rule.charset}]", "", convert_case(text, letters(rule)), flags=re.ASCII)
            if wrong:
                message = f"Names of this kind cannot hold {wrong[0]!r} (column {item.column} of the pattern)."
                hint = "Write a pattern of its own for this kind." if wrong[0] in "-_" else None
                yield Problem("PATTERN-LITERAL", message, expected=f"characters of [{rule.charset}]", hint=hint)


def _length_problems(pattern: Pattern, rule: NameRule, tail: int) -> Iterator[Problem]:
    low = tail + sum(_reach(part)[0] for part in pattern.parts if not isinstance(part, tuple))
    high = tail + sum(_reach(x)[1] for part in pattern.parts for x in (part if isinstance(part, tuple) else (part,)))
    if low > rule.max:
        message = f"Every name of this pattern has {low} characters or more; the kind takes at most {rule.max}."
        yield Problem("LEN-UNREACHABLE", message, hint="Shorten the literals or take out a variable.")
    if high < rule.min:
        message = f"No name of this pattern has more than {high} characters; the kind takes at least {rule.min}."
        yield Problem("LEN-UNREACHABLE", message, hint="Add a literal or a variable.")


def _reach(part: str | Token) -> tuple[int, int]:
    if isinstance(part, str):
        return len(part), len(part)
    name, _, arg = part.steps[-1] if part.steps else ("", None, "")
    if name == "hash":
        return int(arg), int(arg)
    return 1, int(arg) if name == "max" else 255


def _equal_problems(
    pattern: Pattern, values: Mapping[str, Sequence[str]], filters: Mapping[str, Transform]
) -> Iterator[Problem]:
    """Report known values that one variable's `max` would make equal, or a plugin's filter that denies being lossy."""
    for token in pattern.tokens:
        names = [name for name, _, _ in token.steps]
        if names[-1:] == ["max"]:
            yield from _equal_values(pattern, token, values, "max", "Allow more characters or abbreviate.")
        elif (own := [name for name in names if name not in BUILT_IN]) and not any(filters[n].lossy for n in names):
            hint = "Report it to the author of the filter: it is not declared lossy."
            apart = {
                separate(convert_case(one, pattern.case), pattern.separator): one for one in values.get(token.name, ())
            }
            yield from _equal_values(pattern, token, {token.name: [*apart.values()]}, " and ".join(own), hint)


def _equal_values(
    pattern: Pattern, token: Token, values: Mapping[str, Sequence[str]], who: str, hint: str
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for value in values.get(token.name, ()):
        failed: list[Problem] = []
        word = convert_case(pattern.word(token, value, failed), pattern.case)
        if not failed and seen.setdefault(word, value) != value:
            message = f"{who} makes {word!r} of both {seen[word]!r} and {value!r}, two values of {token.name}."
            yield Problem("PATTERN-CUT", message, field=token.name, hint=hint)
