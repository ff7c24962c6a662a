"""What the names of a provider's kinds promise, as tests that its author inherits: one fixture is the whole setup."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dpn.offers import kind_info
from dpn.promises import kinds, names
from dpn.provider import KindInfo, Provider


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
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in kinds.naming(info))

    def test_each_rule_agrees_with_its_examples(self, infos: tuple[KindInfo, ...]) -> None:
        """Good names pass; bad, empty, too long and invisible ones do not."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in kinds.name_rule(info, names.sound(info)))

    def test_each_rule_says_where_it_is_from(self, infos: tuple[KindInfo, ...]) -> None:
        """It has a source, the day on which that was read, and three examples of either sort."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in names.unproven(info))

    def test_each_rule_has_examples_at_its_limits(self, infos: tuple[KindInfo, ...]) -> None:
        """The shortest and the longest good name, and the longest bad name by one, are among the examples."""
        _none(f"{info.kind}: {wrong}" for info in infos for wrong in names.limits(info))

    def test_a_project_with_a_hyphen_works_everywhere(self, provider: Provider, infos: tuple[KindInfo, ...]) -> None:
        """The separators of a kind follow its rule, so one convention serves all kinds."""
        _none(names.hyphens(provider, infos))

    def test_no_name_is_made_that_the_rule_refuses(self, provider: Provider, infos: tuple[KindInfo, ...]) -> None:
        """Whatever the values: there is a name that the rule accepts, or there are problems."""
        _none(names.refused(provider, infos))
