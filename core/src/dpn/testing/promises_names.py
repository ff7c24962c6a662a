"""What the names of a provider's kinds promise, as tests that its author inherits: one fixture is the whole setup."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable, Iterator, Mapping

import pytest

from dpn.config import NamingFiles
from dpn.naming import Namer, check
from dpn.plugins import kind_info
from dpn.provider import KindInfo, Provider
from dpn.testing import wellformed

_ENOUGH = 3
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ODD = string.ascii_letters + string.digits + "-_. /$%\u00e4\u017f\u212a\U0001f600\u00a0"
_TRIES = 50


def _none(complaints: Iterable[str]) -> None:
    found = list(complaints)
    assert not found, "\n".join(found)


class NamesConformance:
    """Inherit it, name the class `Test…`, and give the fixture `provider`.

    Its kinds may be provisioned or only named; their rules are held against their own examples, and their default
    patterns against values of every sort.
    """

    @pytest.fixture
    def provider(self) -> Provider:
        """Override: give the provider."""
        raise NotImplementedError

    @pytest.fixture
    def infos(self, provider: Provider) -> tuple[KindInfo, ...]:
        """Do not override: the data of each kind."""
        return tuple(kind_info(cls, provider.name, "under test") for cls in provider.kinds)

    def test_each_kind_is_well_formed(self, infos: tuple[KindInfo, ...]) -> None:
        """It is spelled PROVIDER_THING, its default pattern compiles, and each variable is explained."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in wellformed.naming(info))

    def test_each_rule_agrees_with_its_examples(self, infos: tuple[KindInfo, ...]) -> None:
        """Good names pass; bad, empty, too long and invisible ones do not."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in wellformed.name_rule(info, _sound(info)))

    def test_each_rule_says_where_it_is_from(self, infos: tuple[KindInfo, ...]) -> None:
        """It has a source, the day on which that was read, and three examples of either sort."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in _unproven(info))

    def test_each_rule_has_examples_at_its_limits(self, infos: tuple[KindInfo, ...]) -> None:
        """The shortest and the longest good name, and the longest bad name by one, are among the examples."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in _limits(info))

    def test_a_project_with_a_hyphen_works_everywhere(self, provider: Provider, infos: tuple[KindInfo, ...]) -> None:
        """The separators of a kind follow its rule, so one convention serves all kinds."""
        for info in infos:
            if info.default_pattern:
                named, problems = _named(provider, info, _plain(provider, info))
                assert named, f"{info.kind}: {'; '.join(map(str, problems))}"

    def test_no_name_is_made_that_the_rule_refuses(self, provider: Provider, infos: tuple[KindInfo, ...]) -> None:
        """Whatever the values: there is a name that the rule accepts, or there are problems."""
        rng = random.Random(provider.name)  # noqa: S311 - a sample that is the same each time
        for info in infos:
            for _ in range(_TRIES if info.default_pattern else 0):
                odd = {name: "".join(rng.choices(_ODD, k=rng.randint(1, 40))) for name in info.variables}
                named, problems = _named(provider, info, {**_plain(provider, info), **odd})
                assert bool(named) != bool(problems), f"{info.kind}: {odd}"
                assert named is None or not check(info.name_rule, named), f"{info.kind}: {named!r} from {odd}"


def _sound(info: KindInfo) -> str:
    """Give a good name that can be made longer by its last character: the suite makes it too long that way."""
    return next((name for name in info.name_rule.good if name.isascii() and name[-1].isalnum()), "")


def _unproven(info: KindInfo) -> Iterator[str]:
    rule = info.name_rule
    if not rule.source:
        yield "its rule has no source"
    if not _DATE.fullmatch(rule.checked):
        yield f"checked is {rule.checked!r}, which is no day (YYYY-MM-DD)"
    for title, examples in (("good", rule.good), ("bad", rule.bad)):
        if len(examples) < _ENOUGH:
            yield f"{title} has {len(examples)} examples, fewer than {_ENOUGH}"


def _limits(info: KindInfo) -> Iterator[str]:
    rule = info.name_rule
    good, bad = ({_size(info, name) for name in names} for names in (rule.good, rule.bad))
    yield from (f"no good example has {size} {rule.unit}" for size in (rule.min, rule.max) if size not in good)
    yield from (f"no bad example has {size} {rule.unit}" for size in (rule.min - 1, rule.max + 1) if size not in bad)


def _size(info: KindInfo, name: str) -> int:
    return len(name) if info.name_rule.unit == "chars" else len(name.encode(errors="surrogatepass"))


def _plain(provider: Provider, info: KindInfo) -> dict[str, str]:
    """Give a value to each variable: short ones, because some kinds have room for few characters."""
    known = {name: one.values[0] if one.values else "x1" for name, one in info.variables.items()}
    return {"team": "ops", "cost_center": "c1", "region": next(iter(_codes(provider))), **known, "project": "my-app"}


def _codes(provider: Provider) -> Mapping[str, str]:
    """Give the codes of regions; a provider that ships none runs on the clouds of others, and any region will do."""
    return provider.region_codes or {"north-1": "n1"}


def _named(provider: Provider, info: KindInfo, values: Mapping[str, str]) -> tuple[str | None, list[object]]:
    codes = {provider.name: _codes(provider)}
    namer = Namer(NamingFiles(), kinds={info.kind: info}, environment="dev", region_codes=codes)
    named, problems = namer.name(info.kind, naming=values)
    return (named.name if named else None), [*namer.problems, *problems]
