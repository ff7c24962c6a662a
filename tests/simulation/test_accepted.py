"""A person accepts what there is, or skips an address, whatever was about to be done or undone: moments that differ."""

from __future__ import annotations

import pytest

from dpn.testing.simulation import Lab, parse, scenarios


@pytest.mark.parametrize(
    "text",
    [
        # a create, a put and a delete that nobody has heard of
        "replace a crate: 0 drop, crash 10 kept/kept | accept",
        "replace a crate: 0 drop, crash 20 kept/kept | accept",
        # what an undo made again, was deleting, or had not begun to delete
        "replace a crate: 3 refuse, crash 20 lost/lost | accept",
        "replace a crate: 3 refuse, crash 24 kept/kept | accept",
        "replace a crate: 5 refuse, crash 23 kept/kept | accept",
        # a rename that an undo had taken back, or not yet
        "rename and change a rig: 2 refuse, crash 17 kept/kept | accept",
        # shares that were added, or not yet
        "share with others: 0 refuse, crash 10 kept/kept | accept",
        # a create, a delete, and what an undo made again, that nobody has heard of, of an address that is skipped
        "create a rig: 1 refuse, crash 13 kept/kept | skip mem_rig.r",
        "replace a crate: 5 drop, crash 13 torn/kept | skip mem_crate.c",
        "replace a jar: 4 garbage, crash 18 lost/lost | skip mem_jar.j",
        # what stood in a thing that was skipped when it was gone: made again it would stand in nothing
        "replace a parent and its children: 1 garbage, crash 26 kept/kept | skip mem_box.a",
        "replace what shares are in: 3 drop, crash 40 lost/lost | skip mem_box.a",
    ],
)
def test_what_is_left_as_it_is_agrees_with_the_cloud_and_leads_on_to_what_was_wanted(text: str) -> None:
    case = parse(text)
    Lab(scenarios()[case.scenario]).run(case)
