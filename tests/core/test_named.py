"""Things that are known by a field of theirs, shared with others, of a provider that has no regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from dpn import Identity, Kind, Observed, Part, Provider, Ref, Want, api, hookimpl
from dpn.errors import DpnError, InputError
from dpn.testing import Cloud
from dpn.testing.memory import Box, classify

CLOSED = {"type": "object", "additionalProperties": False, "properties": {"workers": {"type": "integer"}}}


class Share(Kind):
    """What one holder may do with a box."""

    kind = "uni_share"
    name_rule = replace(Box.name_rule, unique="parent")
    default_pattern = ""
    named_by = "holder"
    ownership = "shared"
    parent = "box"
    parts = (Part("rights", ("rights",), at_birth=True),)
    immutable = frozenset({"holder"})
    unordered = frozenset({"rights"})
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["box", "holder"],
        "properties": {
            "box": {"type": "string", "x-dpn-ref": {"kinds": ["mem_box"], "use": "name"}},
            "holder": {"type": "string"},
            "rights": {"type": "array", "items": {"type": "string"}},
        },
    }
    session: Cloud

    def create(self, want: Want) -> Ref:
        ref = Ref(self.kind, want.name, want.name, want.parent)
        self._save(ref, {*want.spec["rights"], *self._held(ref)})
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        self._save(ref, set(want.spec.get("rights", ())))

    def read(self, ref: Ref) -> Observed | None:
        return self.session.objects.get((self.kind, ref.name))

    def delete(self, ref: Ref, seen: Observed) -> None:
        self._save(ref, self._held(ref) - set(seen.spec["rights"]))

    def _held(self, ref: Ref) -> set[str]:
        seen = self.read(ref)
        return set(seen.spec["rights"]) if seen else set()

    def _save(self, ref: Ref, rights: set[str]) -> None:
        self.session.objects.pop((self.kind, ref.name), None)
        if rights:
            found = Observed(ref, {"holder": ref.name, "rights": sorted(rights)})
            self.session.objects[self.kind, ref.name] = found


class Uni:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        identity = Identity("uni")
        return [
            Provider("uni", (Share,), lambda _: self.cloud, classify, CLOSED, identity=lambda _: identity),
        ]


@pytest.fixture
def uni(lab: Any) -> Any:
    lab.objects.append(Uni(lab.cloud))
    return lab


def share(address: str = "uni_share.s", **spec: Any) -> dict[str, Any]:
    body = {key: spec.pop(key) for key in ("naming", "name") if key in spec}
    return {address: {**body, "spec": {"box": "${mem_box.a}", "holder": "ada", "rights": ["read"], **spec}}}


def rights(lab: Any, holder: str = "ada") -> list[str]:
    found = lab.cloud.objects.get(("uni_share", holder))
    return list(found.spec["rights"]) if found else []


def test_it_is_named_by_its_field(uni: Any) -> None:
    assert uni.outcome(uni.thing("mem_box.a"), share()) == "done"
    assert rights(uni) == ["read"]
    assert uni.empty()
    record = next(record for record in uni.records().values() if record.kind == "uni_share")
    assert (record.name, dict(record.share)) == ("ada", {"rights": ["read"]})


def test_another_holder_is_made_anew_and_keeps_no_old_name(uni: Any) -> None:
    uni.apply(uni.thing("mem_box.a"), share())
    assert uni.actions(uni.thing("mem_box.a"), share(holder="bob"))["uni_share.s"] == "replace"
    assert uni.outcome(uni.thing("mem_box.a"), share(holder="bob")) == "done"
    assert (rights(uni), rights(uni, "bob")) == ([], ["read"])


def test_what_others_have_is_no_conflict_and_stays(uni: Any) -> None:
    theirs = Observed(Ref("uni_share", "ada", "ada"), {"holder": "ada", "rights": ["own"]})
    uni.cloud.objects["uni_share", "ada"] = theirs
    uni.outcome(uni.thing("mem_box.a"), share())
    assert rights(uni) == ["own", "read"]
    assert uni.empty()
    with pytest.raises(DpnError) as caught:
        uni.delete()
    assert [problem.code for problem in caught.value.problems] == ["NOT-EMPTY"]
    assert uni.outcome(uni.thing("mem_box.a")) == "done"
    assert rights(uni) == ["own"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "a-name"}, "NAME-NONE", "name"),
        ({"naming": {"purpose": "x"}}, "NAME-NONE", "naming"),
        ({"holder": "${mem_box.a}"}, "NAME-REFERENCE", "spec.holder"),
        ({"holder": "NOT GOOD"}, "NAME-FORM", "spec.holder"),
    ],
)
def test_a_name_that_cannot_be_is_found_with_its_field(uni: Any, body: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(InputError) as caught:
        uni.plan(uni.thing("mem_box.a"), share(**body))
    found = [problem for problem in caught.value.problems if problem.address == "uni_share.s"]
    assert (code, field) in {(problem.code, problem.field) for problem in found}


def test_a_wildcard_gives_no_pattern_to_what_a_field_names(uni: Any) -> None:
    (uni.root / ".dpn").mkdir()
    (uni.root / ".dpn" / "naming-patterns.yaml").write_text('patterns: {"uni_*": "{purpose}"}\n')
    assert uni.outcome(uni.thing("mem_box.a"), share()) == "done"


def test_two_for_one_holder_are_a_collision(uni: Any) -> None:
    with pytest.raises(InputError) as caught:
        uni.plan(uni.thing("mem_box.a"), share(), share("uni_share.t"))
    assert any("collision" in problem.code.lower() for problem in caught.value.problems)


def test_a_provider_without_regions_moves_nothing_when_the_region_changes(uni: Any) -> None:
    uni.write(uni.thing("mem_box.a"), share(), metadata={"project": "acme", "environment": "dev", "region": "north-1"})
    assert uni.outcome() == "done"
    record = next(record for record in uni.records().values() if record.kind == "uni_share")
    assert record.region is None


def test_no_convention_renders_a_name_for_what_a_field_names(uni: Any) -> None:
    with pytest.raises(InputError, match="uni_share has no name of its own: its holder"):
        api.render_name(uni.options(file=None), "uni_share", {"purpose": "raw"}, uni.world)


@pytest.mark.parametrize("text", ["${env:CANARY}", "x-${mem_box.b}", "${stack:x.dev#mem_box.a}", "${"])
@pytest.mark.parametrize("field", ["name", "naming.purpose"])
def test_a_reference_in_a_name_is_told_as_such(lab: Any, text: str, field: str) -> None:
    body = {"name": text} if field == "name" else {"naming": {"purpose": text}}
    lab.write(lab.thing("mem_box.b"), {"mem_box.a": body})
    problems = api.validate(lab.options(), lab.world).problems
    assert [(one.code, one.field) for one in problems] == [("NAME-REFERENCE", field)]


def test_a_value_of_naming_is_text_in_a_default_tag(lab: Any) -> None:
    lab.write(lab.thing("mem_box.a"), metadata={"project": "acme", "environment": "dev", "team": "${env:CANARY}"})
    assert lab.outcome() == "done"
    assert lab.seen()[0].spec["tags"]["team"] == "${env:CANARY}"
    assert lab.empty()
