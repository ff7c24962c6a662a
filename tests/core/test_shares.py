from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dpn.model import Observed, Ref
from dpn.provider import KindInfo, NameRule, Part
from dpn.shares import bring, kept, ours, restricted, target

INFO = KindInfo("mem_pass", "mem", "", NameRule("a"), "", {}, parts=(Part("rights", ("rights",)),))
SETS = st.sets(st.sampled_from("abcdef")).map(sorted)


def seen_of(rights: list[str]) -> Observed:
    return Observed(Ref("mem_pass", "ada"), {"rights": rights} if rights else {})


@given(want=SETS, there=SETS, share=SETS)
def test_what_is_brought_about_is_wanted_and_leaves_others_theirs(
    want: list[str], there: list[str], share: list[str]
) -> None:
    doing = bring(INFO, {"rights": want}, seen_of(there), {"rights": share})
    now = set(target(seen_of(there).spec, doing.added, doing.removed).get("rights", ()))
    assert now >= set(want)
    assert now - set(want) == set(there) - set(want) - set(share)
    assert set(doing.share["rights"]) <= set(want)
    assert set(doing.share["rights"]) == (set(share) | (set(want) - set(there))) & set(want)


@given(want=SETS, there=SETS, share=SETS, meanwhile=SETS)
def test_the_way_back_touches_what_was_done_and_nothing_else(
    want: list[str], there: list[str], share: list[str], meanwhile: list[str]
) -> None:
    doing = bring(INFO, {"rights": want}, seen_of(there), {"rights": share})
    then = target(seen_of(there).spec, doing.added, doing.removed)
    assert set(target(then, doing.removed, doing.added).get("rights", ())) == set(there)
    touched = {*doing.added["rights"], *doing.removed["rights"]}
    now: dict[str, Any] = {"rights": sorted({*then.get("rights", ()), *meanwhile} - touched)}
    back = set(target(now, doing.removed, doing.added).get("rights", ()))
    assert back - touched == set(now["rights"])


@given(there=SETS, share=SETS)
def test_a_delete_is_shown_our_share_only(there: list[str], share: list[str]) -> None:
    seen = seen_of(there)
    assert set(restricted(seen, {"rights": share}).spec["rights"]) == set(there) & set(share)
    assert ours(None, {"rights": share}) == {"rights": []}


@given(want=SETS, share=SETS)
def test_what_is_not_wanted_any_more_is_not_kept(want: list[str], share: list[str]) -> None:
    assert set(kept({"rights": share}, {"rights": want})["rights"]) == set(share) & set(want)
