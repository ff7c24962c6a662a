"""What core relies on when it changes a thing, adopts it or deletes it: one test for each promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dpn.model import Marker, Observed, Ref
from dpn.testing.trial import Trial, holds, new_marker, other_name, shallow


class ChangePromises:
    """Put, rename, mark, contents, delete."""

    def test_a_put_can_be_repeated(self, trial: Trial) -> None:
        """Twice is once, and rule 2: marker and id stay."""
        ref = trial.make()
        for part in trial.kind.parts:
            trial.put(ref, part.name, trial.sample.changed)
            once = trial.look(ref)
            trial.put(ref, part.name, trial.sample.changed)
            twice = trial.look(ref)
            assert replace(twice, version=once.version) == once, f"a second put of {part.name!r} changed something"

    def test_each_part_can_be_updated_and_put_back(self, trial: Trial) -> None:
        """Rules 2, 4 and 7: each put brings its own fields about; all together can be undone; marker and id stay."""
        ref = trial.make()
        old, new = trial.sample.spec, trial.sample.changed
        for part in trial.kind.parts:
            trial.put(ref, part.name, new)
            wrong = [diff for diff in trial.diffs(new, trial.look(ref), old) if diff.field in part.fields]
            assert not wrong, f"put {part.name!r} did not bring about: {wrong}"
        assert not trial.diffs(new, trial.look(ref), old), "one put took back what another had done"
        trial.put_all(ref, old)
        seen = trial.look(ref)
        assert not trial.diffs(old, seen, new), f"the way back differs: {trial.diffs(old, seen, new)}"
        assert shallow(seen.ref) == shallow(ref), f"an update changed the id: {seen.ref}"
        assert not trial.has_marker or seen.marker == trial.marker, f"after updates the marker is {seen.marker}"

    def test_one_look_serves_all_puts_of_a_change(self, trial: Trial) -> None:
        """Rule 6: without a `version`, `seen` may be older than the put before; no part may be written back from it."""
        ref = trial.make()
        seen = trial.look(ref)
        for part in trial.kind.parts:
            seen = seen if seen.version is None else trial.look(ref)
            trial.kind.put(ref, part.name, trial.want(trial.sample.changed), seen)
            trial.wait(ref)
        wrong = trial.diffs(trial.sample.changed, trial.look(ref), trial.sample.spec)
        assert not wrong, f"a later put took back what an earlier one had done: {wrong}"

    def test_a_rename_keeps_the_id(self, trial: Trial) -> None:
        """Rules 3 and 10: at the new name stands the same object, marker and fields as before; the old name is free."""
        if trial.kind.rename_how != "in_place":
            pytest.skip("this kind is not renamed in place")
        old = trial.make()
        before, name = trial.look(old), other_name(trial.kind.name_rule, trial.name)
        new = trial.kind.rename(old, name)
        trial.made.append(new)
        trial.wait(new)
        assert (new.name, new.id) == (name, old.id), f"rename gave {new}"
        after = trial.look(new)
        assert shallow(after.ref) == shallow(new), f"read gives {after.ref}"
        assert (after.spec, after.marker) == (before.spec, before.marker), "a rename changed more than the name"
        if trial.kind.name_rule.unique != "none":
            assert trial.kind.read(replace(old, id=None)) is None, "something still stands at the old name"

    # mark -----------------------------------------------------------------------------------------------------

    def test_a_marker_can_be_taken_off_and_put_on(self, trial: Trial) -> None:
        """Rules 7 and 8: adopting an unmarked object and undoing that changes nothing but the marker."""
        if not trial.has_marker:
            pytest.skip("this kind carries no marker")
        ref = trial.make()
        before, bare = trial.look(ref), self._marked(trial, ref, None)
        # More than before may be shown now: where nobody's note tells whose a field is, it counts as the user's.
        assert holds(bare.spec, before.spec), f"taking the marker off changed {before.spec} to {bare.spec}"
        for marker in (new_marker(), None, trial.marker):
            seen = self._marked(trial, ref, marker)
            assert seen.spec == bare.spec, f"marking changed the spec from {bare.spec} to {seen.spec}"
            assert shallow(seen.ref) == shallow(bare.ref), "marking changed the id"

    @staticmethod
    def _marked(trial: Trial, ref: Ref, marker: Marker | None) -> Observed:
        trial.kind.mark(ref, marker, trial.look(ref))
        trial.wait(ref)
        seen = trial.look(ref)
        assert seen.marker == marker, f"after mark({marker}) the marker is {seen.marker}"
        return seen

    # delete ---------------------------------------------------------------------------------------------------

    def test_a_new_object_is_empty(self, trial: Trial) -> None:
        """Rule 11: `contents` of what nobody used is empty, else its own undo would be refused."""
        found = list(trial.kind.contents(trial.make()))
        assert not found, f"contents gives {found} for a new object"

    def test_what_is_deleted_is_gone_and_deleting_again_is_no_error(self, trial: Trial) -> None:
        """Rule 10: after a delete it reads as None, is not found, and a second delete does nothing."""
        ref = trial.make()
        seen = trial.look(ref)
        trial.kind.delete(ref, seen)
        assert trial.gone(ref), "read still gives it after delete"
        assert not trial.ours(trial.kind.find(trial.want())), "find still gives it after delete"
        trial.kind.delete(ref, seen)

    def test_another_object_at_the_same_name_is_not_taken_for_it(self, trial: Trial) -> None:
        """Rule 3: where a thing that was made again has another id, the old id reads as None."""
        ref = trial.make()
        trial.kind.delete(ref, trial.look(ref))
        assert trial.gone(ref), "read still gives it after delete"
        again = trial.create()
        if again.id == ref.id:
            pytest.skip("the id of this kind is made of its name")
        assert trial.kind.read(ref) is None, f"{again} is given for {ref}"

    def test_what_was_dropped_comes_back(self, trial: Trial) -> None:
        """Rule 7: `undrop` brings back the same object as it was, and can be repeated."""
        if "undrop" not in trial.info.has:
            pytest.skip("the service keeps nothing of what was deleted")
        ref = trial.make()
        before = trial.look(ref)
        trial.kind.delete(ref, before)
        assert trial.gone(ref), "read still gives it after delete"
        for _ in range(2):
            back = trial.kind.undrop(ref)
            assert back, "undrop does not find what was just deleted"
            assert shallow(back) == shallow(ref), f"undrop gave {back}"
        assert trial.plain(trial.look(ref)) == trial.plain(before), "it came back other than it was"

    def test_others_keep_what_they_have(self, trial: Trial) -> None:
        """Rule 5: a delete takes away what it is shown, and nothing else."""
        if trial.kind.ownership != "shared":
            pytest.skip("nobody else adds to a thing of this kind")
        ref = trial.make()
        seen = trial.look(ref)
        names = [name for part in trial.kind.parts for name in part.fields]
        some = {name: seen.spec[name][:1] for name in names if seen.spec.get(name)}
        trial.kind.delete(ref, replace(seen, spec={**seen.spec, **some}))
        left = {name: seen.spec[name][1:] for name in some}
        now = trial.kind.read(ref)
        there = {name: now.spec.get(name, []) if now else [] for name in some}
        assert there == left, f"of {seen.spec} only {some} was to go, {there} is left"
