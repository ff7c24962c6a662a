"""What core relies on when it makes a thing and looks at it: one test for each promise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from dpn.model import Ref
from dpn.provider import Ready
from dpn.testing.trial import Trial, journalled, new_marker, shallow


class BirthPromises:
    """Create, find, read, list, ready."""

    def test_what_is_absent_is_not_found(self, trial: Trial) -> None:
        """Reading what is not there gives None and finding it nothing, without an error (rules 10, 15)."""
        found = trial.ours(trial.kind.find(trial.want()))
        assert found == [], f"find gives {found} before anything was made"
        if trial.kind.name_rule.unique != "none":
            seen = trial.kind.read(Ref(trial.kind.kind, trial.name, parent=trial.sample.parent))
            assert seen is None, f"read gives {seen} before anything was made"

    def test_a_create_carries_the_marker_and_the_parts_at_birth(self, trial: Trial) -> None:
        """Rules 2 and 4: the create call alone sets marker, immutable fields and the parts that are `at_birth`."""
        ref = trial.create()
        seen = trial.look(ref)
        if trial.has_marker:
            assert seen.marker == trial.marker, f"the marker after create is {seen.marker}, not {trial.marker}"
        born = trial.kind.immutable | {name for part in trial.kind.parts if part.at_birth for name in part.fields}
        missing = [diff for diff in trial.diffs(trial.sample.spec, seen) if diff.field in born]
        assert not missing, f"not set by create: {missing}"

    def test_create_and_read_agree_on_where_it_is(self, trial: Trial) -> None:
        """Rule 3: create, read with the id and read by name give one Ref, with the parent if the kind has one."""
        ref = trial.create()
        seen = trial.look(ref)
        assert (ref.kind, ref.name) == (trial.kind.kind, trial.name)
        assert shallow(seen.ref) == shallow(ref), f"create gave {ref}, read gives {seen.ref}"
        if trial.kind.parent and trial.sample.parent:
            parent = seen.ref.parent
            assert parent, "read gives no parent"
            assert parent.name == trial.sample.parent.name, f"read gives the parent {parent}"
        if trial.kind.name_rule.unique != "none":
            assert trial.look(replace(ref, id=None)) == seen, "read by name and read by id differ"

    def test_what_is_read_is_what_was_wanted(self, trial: Trial) -> None:
        """After create and puts, a plan is empty: no field differs, in canonical form."""
        seen = trial.look(trial.make())
        found = trial.diffs(trial.sample.spec, seen)
        assert not found, f"a plan would never be empty: {found}"

    def test_what_is_read_fits_the_schema_and_the_journal(self, trial: Trial) -> None:
        """Rule 6: the before-image has fields of the schema only, and is the same after it went through JSON."""
        seen = trial.look(trial.make())
        alien = set(seen.spec) - set(trial.info.schema.get("properties", {})) - trial.kind.computed
        assert not alien, f"read gives fields that the schema does not have: {sorted(alien)}"
        assert trial.kind.parent not in seen.spec, "the parent belongs into ref.parent, not into the spec"
        assert journalled(seen) == seen, "the journal would give back something else (tuples, sets, numbers as keys)"

    def test_a_create_never_takes_over_what_is_there(self, trial: Trial) -> None:
        """Rule 10: a second create at a taken name may fail or not, but it leaves the first one's object alone."""
        if trial.kind.name_rule.unique == "none":
            pytest.skip("names of this kind are no identity")
        if trial.kind.ownership == "shared":
            pytest.skip("a create adds to what others have there")
        ref = trial.make()
        before = trial.look(ref)
        with suppress(Exception):  # how a service refuses is its own affair
            trial.kind.create(trial.want(trial.sample.changed, new_marker()))
        assert trial.look(ref) == before, "a create changed an object that was there already"

    def test_find_gives_what_a_lost_create_made(self, trial: Trial) -> None:
        """Rule 10: by name and parent alone, exactly one object with our operation id is found."""
        ref = trial.create()
        found = trial.ours(trial.kind.find(trial.want()))
        assert [shallow(seen.ref) for seen in found] == [shallow(ref)], f"find gives {found}"

    def test_available_says_whether_anybody_has_the_name(self, trial: Trial) -> None:
        """Rule 15: True of a name that nobody has, and False once something stands there."""
        if "available" not in trial.info.has:
            pytest.skip("what stands at a name of this kind can be read, whoever has it")
        assert trial.kind.available(trial.name) is True, "available denies a name that nobody has"
        trial.make()
        assert trial.kind.available(trial.name) is False, "available grants a name that is taken"

    def test_ready_says_ready_within_the_deadline(self, trial: Trial) -> None:
        """Rule 9: polled as often as it asks for, `ready` comes to Ready before `deadline`."""
        ref = trial.make()
        assert isinstance(trial.kind.ready(ref), Ready)

    def test_reading_writes_nothing(self, trial: Trial, requests: Callable[[], int] | None) -> None:
        """Looking can be repeated: `read`, `find`, `list`, `contents` and `available` (counted by `requests`)."""
        ref = trial.make()
        before, count = trial.look(ref), requests() if requests else 0
        trial.kind.find(trial.want())
        trial.kind.contents(ref)
        if "available" in trial.info.has:
            trial.kind.available(trial.name)
        if trial.kind.lists != "none":
            list(trial.kind.list(trial.sample.parent))
        assert trial.look(ref) == before, "reading changed what is read"
        assert not requests or requests() == count, "a read sent a writing request"

    def test_list_shows_it(self, trial: Trial) -> None:
        """The list of the parent, and of all, contains it; where `lists` is full, just as read gives it."""
        if trial.kind.lists == "none":
            pytest.skip("this kind has no list")
        seen = trial.look(trial.make())
        for scope in dict.fromkeys((trial.sample.parent, None)):
            listed = [one for one in trial.kind.list(scope) if shallow(one.ref) == shallow(seen.ref)]
            assert len(listed) == 1, f"list({scope}) shows it {len(listed)} times"
            if trial.kind.lists == "full":
                assert trial.plain(listed[0]) == trial.plain(seen), f"list({scope}) and read differ"
