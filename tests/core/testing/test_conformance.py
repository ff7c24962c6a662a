"""The conformance suite passes on good kinds, and each broken kind is caught by the test that names the promise."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import pytest

from dpn import Marker, Observed, Part, Ref, Wait, Want
from dpn.testing import Cloud, ResourceConformance, Sample
from dpn.testing.memory import Box, CloudError, Robot, Shelf, provider
from dpn.testing.trial import Trial

OPEN = {"type": "object", "properties": Box.schema["properties"]}


def box_sample() -> Sample:
    changed = {"size": 4, "locked": False, "color": "red", "tags": {"team": "y", "more": "z"}}
    return Sample("box-a", {"size": 3, "color": "red", "tags": {"team": "x"}}, changed)


def shelf_sample(cloud: Cloud) -> Sample:
    parent = Box(cloud).create(Want("box-p", {}))
    spec = {"box": "box-p", "note": "costs $${5}"}
    return Sample("shelf-a", spec, {"box": "box-p", "beside": "i000009"}, parent)


def robot_sample() -> Sample:
    return Sample("robot", {"job": "sort"}, {"job": "carry", "tags": {"a": "b"}})


def grant_sample(cloud: Cloud) -> Sample:
    parent = Box(cloud).create(Want("box-p", {}))
    spec = {"box": "box-p", "holder": "ada", "rights": ["read", "write"]}
    return Sample("ada", spec, {**spec, "rights": ["own", "read"]}, parent)


class Grant(Shelf):
    """A shared thing, known by its holder."""

    kind = "mem_grant"
    ownership = "shared"
    named_by = "holder"
    default_pattern = ""
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object", "additionalProperties": False, "required": ["box", "holder"],
        "properties": {
            "box": Shelf.schema["properties"]["box"],
            "holder": {"type": "string", "description": "Who holds the rights."},
            "rights": {"type": "array", "items": {"type": "string"}, "description": "The rights."},
        },
    }  # fmt: skip
    parts: ClassVar[tuple[Part, ...]] = (Part("rights", ("rights",), at_birth=True),)
    immutable = frozenset({"holder"})
    unordered = frozenset({"rights"})

    def delete(self, ref: Ref, seen: Observed) -> None:
        now = self._at(ref)
        left = [one for one in now.spec["rights"] if one not in seen.spec["rights"]] if now else []
        if now and left:
            self._save(replace(now, spec={**now.spec, "rights": left}))
        else:
            super().delete(ref, seen)


class Jar(Box):
    """It is kept for a while after a delete."""

    kind = "mem_jar"

    def delete(self, ref: Ref, seen: Observed) -> None:
        if now := self._at(ref):
            self.session.objects["bin", ref.id or ""] = replace(now, ref=replace(now.ref, kind="bin"))
        super().delete(ref, seen)

    def undrop(self, ref: Ref) -> Ref | None:
        if now := self.session.objects.pop(("bin", ref.id or ""), None):
            self._save(replace(now, ref=replace(now.ref, kind=self.kind)))
        back = self._at(ref)
        return back.ref if back else None


class Vat(Box):
    """Its name is shared by all the world."""

    name_rule = replace(Box.name_rule, unique="global")

    def available(self, name: str) -> bool:
        free: bool = self._call("available", name, lambda: self._at(Ref(self.kind, name)) is None)
        return free


class MemoryConformance(ResourceConformance):
    @pytest.fixture
    def cloud(self) -> Cloud:
        return Cloud()

    @pytest.fixture
    def requests(self, cloud: Cloud) -> Callable[[], int]:
        reads = ("read", "find", "list", "contents", "available")
        return lambda: sum(1 for _, method, _ in cloud.calls if method not in reads)


class TestBox(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Box:
        return Box(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        return box_sample()


class TestShelf(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Shelf:
        return Shelf(cloud)

    @pytest.fixture
    def sample(self, cloud: Cloud) -> Sample:
        return shelf_sample(cloud)


class TestGrant(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Grant:
        return Grant(cloud)

    @pytest.fixture
    def sample(self, cloud: Cloud) -> Sample:
        return grant_sample(cloud)


class TestJar(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Jar:
        return Jar(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        return box_sample()


class TestVat(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Vat:
        return Vat(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        return box_sample()


class TestRobot(MemoryConformance):
    @pytest.fixture
    def kind(self, cloud: Cloud) -> Robot:
        return Robot(cloud)

    @pytest.fixture
    def sample(self) -> Sample:
        return robot_sample()


# seeded faults --------------------------------------------------------------------------------------------------


class ForgetsTheMarker(Box):
    """Marks a new object with a second call, which a crash would prevent."""

    def _created(self, want: Want) -> Ref:
        return super()._created(replace(want, marker=None))


class DropsTheMarkerInAPut(Box):
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        super().put(ref, part, replace(want, marker=None), seen)


class ForgetsAnAttributeAtBirth(Box):
    def _created(self, want: Want) -> Ref:
        return super()._created(replace(want, spec={**want.spec, "color": "grey"}))


class NeverUpdatesAPart(Box):
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        if part != "size":
            super().put(ref, part, want, seen)


class AppendsInAPut(Box):
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        size = seen.spec.get("size", 0) + want.spec.get("size", 0)
        super().put(ref, part, replace(want, spec={**want.spec, "size": size}), seen)


class WritesBackAnOldLook(Box):
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._save(replace(self._must(ref), spec=seen.spec))
        super().put(ref, part, want, seen)


class TakesAwayWhatIsOthers(Grant):
    def delete(self, ref: Ref, seen: Observed) -> None:
        Box.delete(self, ref, seen)


class ComesBackEmpty(Jar):
    def undrop(self, ref: Ref) -> Ref | None:
        back = super().undrop(ref)
        if back:
            self._save(replace(self._must(back), spec={}))
        return back


class SharesText(Grant):
    unordered = frozenset()


class HasTwoNames(Grant):
    default_pattern = "{project}"


class KeepsWhatIsNoLongerWanted(Box):
    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        tags = {**seen.spec.get("tags", {}), **want.spec.get("tags", {})}
        super().put(ref, part, replace(want, spec={**want.spec, "tags": tags}), seen)


class ReadsAnythingByName(Box):
    def read(self, ref: Ref) -> Observed | None:
        return super().read(replace(ref, id=None))


class RaisesWhenAbsent(Box):
    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        if seen is None:
            raise CloudError("NotFound")
        return seen


class ShowsTheMarkerAmongTheTags(Box):
    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        if not seen or not seen.marker:
            return seen
        return replace(seen, spec={**seen.spec, "tags": {**seen.spec.get("tags", {}), **seen.marker.tags()}})


class WritesWhenItReads(Box):
    def read(self, ref: Ref) -> Observed | None:
        self._call("touch", ref.name, lambda: None)
        return super().read(ref)


class ReadsTuples(Box):
    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        return replace(seen, extra={"owners": ("me",)}) if seen else None


class OverwritesWhatIsThere(Box):
    def _created(self, want: Want) -> Ref:
        there = self._at(Ref(self.kind, want.name))
        if there:
            self._save(replace(there, marker=want.marker))
            return there.ref
        return super()._created(want)


class FindsNothing(Box):
    def find(self, want: Want) -> list[Observed]:
        return []


class ListsNothing(Box):
    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from ()


class ListsHalf(Box):
    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from (replace(seen, spec={}) for seen in super().list(scope))


class DeletesOnce(Box):
    def delete(self, ref: Ref, seen: Observed) -> None:
        if not self._at(ref):
            raise CloudError("NotFound")
        super().delete(ref, seen)


class GrantsEveryName(Vat):
    def available(self, name: str) -> bool:
        return True


class GrantsNoName(Vat):
    def available(self, name: str) -> bool:
        return False


class AsksOnlyAtHome(Vat):
    name_rule = Box.name_rule


class ReservesWhatItLooksAt(Vat):
    def available(self, name: str) -> bool:
        self._call("touch", name, lambda: None)
        return super().available(name)


class OnlyHides(Box):
    def delete(self, ref: Ref, seen: Observed) -> None:
        """Forget to delete."""


class IsNeverEmpty(Box):
    def contents(self, ref: Ref) -> Any:
        return super().contents(ref) or [object()]


class IsNeverReady(Robot):
    def ready(self, ref: Ref) -> Wait:
        return Wait(0)


class TagsWipeTheSpec(Box):
    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._save(replace(self._must(ref), marker=marker, spec={}))


class CannotUnmark(Box):
    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        if marker:
            super().mark(ref, marker, seen)


class RenamesByCopy(Shelf):
    def rename(self, ref: Ref, name: str) -> Ref:
        seen = self._must(ref)
        self.delete(ref, seen)
        return self.create(Want(name, seen.spec, ref.parent, seen.marker))


class LosesItsParent(Shelf):
    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        return replace(seen, ref=replace(seen.ref, parent=None)) if seen else None


class ShowsItsParentInTheSpec(Shelf):
    def read(self, ref: Ref) -> Observed | None:
        seen = super().read(ref)
        return replace(seen, spec={**seen.spec, "box": "box-p"}) if seen else None


class OpenSchema(Box):
    schema: ClassVar[Mapping[str, Any]] = OPEN


class NoSchema(Box):
    schema: ClassVar[Mapping[str, Any]] = {**Box.schema, "required": "size"}


class FieldNowhere(Box):
    immutable = frozenset()


class FieldTwice(Box):
    parts = (*Box.parts, Part("again", ("size",)))


class PromisesARename(Box):
    rename_how = "in_place"


class NamesItself(Box):
    kind = "box"


class BadPattern(Box):
    default_pattern = "{project}-{owner}"


class BadRule(Box):
    name_rule = replace(Box.name_rule, pattern=r"[A-Za-z][a-z0-9-]*", good=("box 1",))


class TooNarrowRule(Box):
    name_rule = replace(Box.name_rule, reserved=("box-a",))


class AlwaysUpper(Box):
    def _put(self, ref: Ref, part: str, want: Want) -> None:
        tags = {key: value.upper() for key, value in want.spec.get("tags", {}).items()}
        super()._put(ref, part, replace(want, spec={**want.spec, "tags": tags}))


class StricterThanItsSample(Box):
    parts = tuple(Part(part.name, part.fields) for part in Box.parts if part.name != "lock")
    immutable = frozenset({"color", "locked"})


CAUGHT: dict[type[Any], str] = {
    ForgetsTheMarker: "a_create_carries_the_marker_and_the_parts_at_birth",
    ForgetsAnAttributeAtBirth: "a_create_carries_the_marker_and_the_parts_at_birth",
    DropsTheMarkerInAPut: "each_part_can_be_updated_and_put_back",
    NeverUpdatesAPart: "what_is_read_is_what_was_wanted",
    AppendsInAPut: "a_put_can_be_repeated",
    WritesBackAnOldLook: "one_look_serves_all_puts_of_a_change",
    KeepsWhatIsNoLongerWanted: "each_part_can_be_updated_and_put_back",
    AlwaysUpper: "each_part_can_be_updated_and_put_back",
    ReadsAnythingByName: "another_object_at_the_same_name_is_not_taken_for_it",
    RaisesWhenAbsent: "what_is_absent_is_not_found",
    ShowsTheMarkerAmongTheTags: "what_is_read_is_what_was_wanted",
    WritesWhenItReads: "reading_writes_nothing",
    ReadsTuples: "what_is_read_fits_the_schema_and_the_journal",
    ShowsItsParentInTheSpec: "what_is_read_fits_the_schema_and_the_journal",
    LosesItsParent: "create_and_read_agree_on_where_it_is",
    OverwritesWhatIsThere: "a_create_never_takes_over_what_is_there",
    FindsNothing: "find_gives_what_a_lost_create_made",
    ListsNothing: "list_shows_it",
    ListsHalf: "list_shows_it",
    DeletesOnce: "what_is_deleted_is_gone_and_deleting_again_is_no_error",
    GrantsEveryName: "available_says_whether_anybody_has_the_name",
    GrantsNoName: "available_says_whether_anybody_has_the_name",
    AsksOnlyAtHome: "the_methods_are_those_that_the_data_promises",
    ReservesWhatItLooksAt: "reading_writes_nothing",
    OnlyHides: "what_is_deleted_is_gone_and_deleting_again_is_no_error",
    IsNeverEmpty: "a_new_object_is_empty",
    IsNeverReady: "ready_says_ready_within_the_deadline",
    TagsWipeTheSpec: "a_marker_can_be_taken_off_and_put_on",
    CannotUnmark: "a_marker_can_be_taken_off_and_put_on",
    RenamesByCopy: "a_rename_keeps_the_id",
    OpenSchema: "the_schema_is_closed_and_explains_itself",
    NoSchema: "the_schema_is_closed_and_explains_itself",
    FieldNowhere: "every_field_has_one_place",
    FieldTwice: "every_field_has_one_place",
    TakesAwayWhatIsOthers: "others_keep_what_they_have",
    ComesBackEmpty: "what_was_dropped_comes_back",
    SharesText: "the_methods_are_those_that_the_data_promises",
    HasTwoNames: "the_methods_are_those_that_the_data_promises",
    PromisesARename: "the_methods_are_those_that_the_data_promises",
    NamesItself: "the_kind_and_its_names_are_well_formed",
    BadPattern: "the_kind_and_its_names_are_well_formed",
    BadRule: "the_name_rule_agrees_with_its_examples",
    TooNarrowRule: "the_name_rule_agrees_with_its_examples",
    StricterThanItsSample: "the_sample_is_accepted_and_changes_every_part",
}


def sample_of(cls: type[Any], cloud: Cloud) -> Sample:
    if issubclass(cls, Grant):
        return grant_sample(cloud)
    if issubclass(cls, Shelf):
        return shelf_sample(cloud)
    return robot_sample() if issubclass(cls, Robot) else box_sample()


def touches(cloud: Cloud) -> int:
    return sum(1 for _, method, _ in cloud.calls if method == "touch")


def verdicts(cls: type[Any]) -> dict[str, str]:
    """Run every test of the suite, each with a cloud of its own; give what failed, with its message."""
    failed: dict[str, str] = {}
    for name, test in inspect.getmembers(ResourceConformance, inspect.isfunction):
        if not name.startswith("test_"):
            continue
        cloud = Cloud()
        arguments: dict[str, Any] = {"trial": Trial(cls(cloud), sample_of(cls, cloud), lambda _: None)}
        if "requests" in inspect.signature(test).parameters:
            arguments["requests"] = partial(touches, cloud)
        try:
            test(ResourceConformance(), **arguments)
        except pytest.skip.Exception:
            continue
        except Exception as error:  # noqa: BLE001 - whatever a broken kind raises fails its test
            failed[name.removeprefix("test_")] = str(error)
    return failed


@pytest.mark.parametrize("cls", CAUGHT, ids=lambda cls: cls.__name__)
def test_a_broken_kind_is_caught_by_the_test_that_names_the_promise(cls: type[Any]) -> None:
    assert CAUGHT[cls] in verdicts(cls)


@pytest.mark.parametrize("cls", [Box, Shelf, Robot, Grant, Jar, Vat])
def test_a_good_kind_fails_nothing(cls: type[Any]) -> None:
    assert verdicts(cls) == {}


def test_every_promise_is_broken_by_some_kind() -> None:
    tests = {name.removeprefix("test_") for name in dir(ResourceConformance) if name.startswith("test_")}
    assert tests == set(CAUGHT.values())


def test_a_trial_leaves_nothing_behind_and_touches_nothing_of_others() -> None:
    cloud = Cloud()
    other = Box(cloud).create(Want("box-b", {}, marker=Marker("x", "y", "z")))
    trial = Trial(Box(cloud), box_sample(), lambda _: None)
    trial.make()
    trial.made.append(other)
    trial.clear()
    assert cloud.names() == ["mem_box box-b"]


def test_the_facade_gives_what_it_names() -> None:
    from dpn import testing

    assert [getattr(testing, name).__name__ for name in testing.__all__] == testing.__all__
    with pytest.raises(AttributeError, match="nonsense"):
        _ = testing.nonsense


def test_the_memory_provider_offers_the_kinds_under_test() -> None:
    assert {Box, Shelf, Robot} < set(provider(Cloud()).kinds)
