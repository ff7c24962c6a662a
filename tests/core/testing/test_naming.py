"""A naming plugin in a test: its names are those of the command line, its faults those of `dpn plugins check`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dpn import Convention, InputError, NameRequest, Transform, hookimpl
from dpn.testing import MemoryPlugin, Naming


class Plain:
    """Brings a filter, and no convention."""

    @hookimpl
    def dpn_transforms(self) -> Mapping[str, Transform]:
        return {"odd": Transform(lambda value, arg: value[::-1], charset="a-z")}


class Two:
    """Brings two conventions, and a name for one kind."""

    @hookimpl
    def dpn_conventions(self) -> list[Convention]:
        return [
            Convention("one", {"mem_box": "one-{purpose}"}),
            Convention("two", {"mem_box": "two-{purpose}-{region}"}),
        ]

    @hookimpl
    def dpn_name(self, request: NameRequest) -> str | None:
        return "Not_Valid" if request.kind == "mem_label" else None


def test_names_are_those_of_the_convention_that_is_used() -> None:
    assert Naming(Two(), MemoryPlugin()).name("mem_box", purpose="x") == "one-x"
    assert Naming(Two(), MemoryPlugin(), use="two").name("mem_box", purpose="x", region="north-1") == "two-x-n1"
    assert Naming(Plain(), MemoryPlugin()).name("mem_box", purpose="x", environment="prd") == "platform-x-prd"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("mem_label", "NAME-CHARS|NAME-FORM|'Not_Valid'"), ("mem_box", "purpose"), ("moon_base", "no known")],
)
def test_what_gets_no_name_is_an_error_with_its_problems(kind: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        Naming(Two(), MemoryPlugin()).name(kind)
    assert caught.value.problems


def test_a_convention_that_is_not_offered_is_an_error() -> None:
    with pytest.raises(InputError, match="'three'"):
        Naming(Two(), MemoryPlugin(), use="three").name("mem_box", purpose="x")


def test_faults_are_found() -> None:
    assert any("filter odd" in fault and "not of [a-z]" in fault for fault in Naming(Plain()).faults())
    (fault,) = [one for one in Naming(Two(), MemoryPlugin()).faults() if "mem_" in one]
    assert fault.startswith("dpn_name: mem_label: 'Not_Valid'")
