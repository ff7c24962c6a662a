"""A person accepts what there is, whatever the run was about to do or to undo: these are the moments that differ."""

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
    ],
)
def test_what_is_accepted_agrees_with_the_cloud_and_leads_on_to_what_was_wanted(text: str) -> None:
    case = parse(text)
    Lab(scenarios()[case.scenario]).run(case)
