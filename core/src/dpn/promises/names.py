"""Whether the names of a provider's kinds are what it promises: rules against examples, patterns against values."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator, Mapping

from dpn.config import NamingFiles
from dpn.naming import Namer, check
from dpn.promises import kinds
from dpn.provider import KindInfo, Provider

_ENOUGH = 3
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ODD = string.ascii_letters + string.digits + "-_. /$%\u00e4\u017f\u212a\U0001f600\u00a0"
_TRIES = 50


def faults(provider: Provider, infos: tuple[KindInfo, ...]) -> Iterator[str]:
    """Yield what is wrong with the names of a provider's kinds, whoever wrote it and however far it has come."""
    for info in infos:
        wrong = [*kinds.naming(info), *kinds.name_rule(info, sound(info) or _usual(provider, info))]
        yield from (f"{info.kind}: {one}" for one in wrong)
    yield from hyphens(provider, infos)
    yield from refused(provider, infos)


def sound(info: KindInfo) -> str:
    """Give a good name that can be made longer by its last character: a check makes it too long that way."""
    return next((name for name in info.name_rule.good if name.isascii() and name[-1:].isalnum()), "")


def unproven(info: KindInfo) -> Iterator[str]:
    """Judge whether a rule says where it is from, and has examples enough."""
    rule = info.name_rule
    if not rule.source:
        yield "its rule has no source"
    if not _DATE.fullmatch(rule.checked):
        yield f"checked is {rule.checked!r}, which is no day (YYYY-MM-DD)"
    for title, examples in (("good", rule.good), ("bad", rule.bad)):
        if len(examples) < _ENOUGH:
            yield f"{title} has {len(examples)} examples, fewer than {_ENOUGH}"


def limits(info: KindInfo) -> Iterator[str]:
    """Judge whether the shortest and the longest names, and those beyond, are among the examples."""
    rule = info.name_rule
    good, bad = (set(map(rule.size, names)) for names in (rule.good, rule.bad))
    yield from (f"no good example has {size} {rule.unit}" for size in (rule.min, rule.max) if size not in good)
    yield from (f"no bad example has {size} {rule.unit}" for size in (rule.min - 1, rule.max + 1) if size not in bad)


def hyphens(provider: Provider, infos: tuple[KindInfo, ...]) -> Iterator[str]:
    """Find default patterns that give no name for usual values and a project with a hyphen."""
    for info in infos:
        if info.default_pattern:
            named, problems = _named(provider, info, usual(info, codes(provider)))
            if not named:
                yield f"{info.kind}: {'; '.join(map(str, problems))}"


def refused(provider: Provider, infos: tuple[KindInfo, ...]) -> Iterator[str]:
    """Find names that are made although the rule refuses them: there is a sound name, or there are problems."""
    rng = random.Random(provider.name)  # noqa: S311 - a sample that is the same each time
    for info in infos:
        for _ in range(_TRIES if info.default_pattern else 0):
            odd = {name: "".join(rng.choices(_ODD, k=rng.randint(1, 40))) for name in info.variables}
            named, problems = _named(provider, info, {**usual(info, codes(provider)), **odd})
            if bool(named) == bool(problems) or (named and check(info.name_rule, named)):
                yield f"{info.kind}: {named!r} is made of {odd}"


def usual(info: KindInfo, region_codes: Mapping[str, str]) -> dict[str, str]:
    """Give a value to each variable: short ones, because some kinds have room for few characters."""
    known = {name: one.values[0] if one.values else "x1" for name, one in info.variables.items()}
    return {"team": "ops", "cost_center": "c1", "region": next(iter(region_codes)), **known, "project": "my-app"}


def codes(provider: Provider) -> Mapping[str, str]:
    """Give the codes of regions; a provider that ships none runs on the clouds of others, and any region will do."""
    return provider.region_codes or {"north-1": "n1"}


def _usual(provider: Provider, info: KindInfo) -> str:
    return _named(provider, info, usual(info, codes(provider)))[0] or "" if info.default_pattern else ""


def _named(provider: Provider, info: KindInfo, values: Mapping[str, str]) -> tuple[str | None, list[object]]:
    region_codes = {provider.name: codes(provider)}
    namer = Namer(NamingFiles(), kinds={info.kind: info}, environment="dev", region_codes=region_codes)
    named, problems = namer.name(info.kind, naming=values)
    return (named.name if named else None), [*namer.problems, *problems]
