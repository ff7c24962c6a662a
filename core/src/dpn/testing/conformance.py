"""The conformance suite: what core relies on, as tests that a provider's author inherits.

Two fixtures are the whole setup::

    class TestTable(ResourceConformance):
        @pytest.fixture
        def kind(self, tmp_path):
            return Table(connect({"folder": str(tmp_path)}))

        @pytest.fixture
        def sample(self):
            return Sample("orders", spec={"columns": ["id"]}, changed={"columns": ["id", "total"]})

The rules that the tests name are those of docs/reference/provider-contract.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from dpn.promises import kinds
from dpn.provider import Kind
from dpn.testing.promises_birth import BirthPromises
from dpn.testing.promises_change import ChangePromises
from dpn.testing.trial import Sample, Trial

__all__ = ["ResourceConformance", "Sample"]


def _none(complaints: Iterable[str]) -> None:
    found = list(complaints)
    assert not found, "; ".join(found)


class ResourceConformance(BirthPromises, ChangePromises):
    """Inherit it, name the class `Test…`, and give the fixtures `kind` and `sample`.

    `kind` is an instance that is connected to a fake, an emulator or an account for tests. Nothing need be empty: each
    test deletes what it made. Optional fixtures: `requests` and `sleep`.
    """

    @pytest.fixture
    def requests(self) -> Callable[[], int] | None:
        """Override: give a function that counts the writing requests so far."""
        return None

    @pytest.fixture
    def sleep(self) -> Callable[[float], None]:
        """Override with `time.sleep` where the other side is no fake and needs the time."""
        return lambda _: None

    @pytest.fixture
    def trial(self, kind: Kind, sample: Sample, sleep: Callable[[float], None]) -> Iterator[Trial]:
        """Do not override: what each test works with."""
        trial = Trial(kind, sample, sleep)
        yield trial
        trial.clear()

    def test_the_kind_and_its_names_are_well_formed(self, trial: Trial) -> None:
        """`kind` begins with the provider's name, `default_pattern` compiles, each variable is explained."""
        _none(kinds.naming(trial.info))

    def test_the_name_rule_agrees_with_its_examples(self, trial: Trial) -> None:
        """Rule 16 and naming: good names pass; bad, empty, too long and invisible ones do not."""
        _none(kinds.name_rule(trial.info, trial.name))

    def test_the_schema_is_closed_and_explains_itself(self, trial: Trial) -> None:
        """The schema is valid, refuses unknown keys, describes each field and accepts its own defaults."""
        _none(kinds.schema(trial.info))

    def test_every_field_has_one_place(self, trial: Trial) -> None:
        """Rule 4: each field is in exactly one part, or in `immutable` or `computed`, or is the parent's."""
        _none(kinds.places(trial.info))

    def test_the_methods_are_those_that_the_data_promises(self, trial: Trial) -> None:
        """`rename`, `mark` and `list` are there if and only if the data says so."""
        _none(kinds.methods(trial.info))

    def test_the_sample_is_accepted_and_changes_every_part(self, trial: Trial) -> None:
        """The schema takes both specs and no unknown key, and the sample leaves no put untested."""
        _none(kinds.sample(trial.info, trial.sample.spec, trial.sample.changed))
