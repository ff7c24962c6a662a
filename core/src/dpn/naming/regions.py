"""Short codes of regions: what the providers ship, with the mapping of the patterns file over it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from dpn.errors import Place, Problem
from dpn.naming.text import did_you_mean


def codes_for(provider: str, shipped: Mapping[str, Mapping[str, str]], mapping: Mapping[str, str]) -> Mapping[str, str]:
    """Give the codes that kinds of a provider use.

    A provider that ships none runs on the clouds of others and uses theirs; clouds do not share names of regions.
    """
    own = shipped.get(provider)
    if not own:
        own = {region: code for name in sorted(shipped) for region, code in shipped[name].items()}
    return {**own, **mapping}


def code_problems(
    codes: Mapping[str, str],
    mapping: Mapping[str, str],
    shipped: Mapping[str, Mapping[str, str]],
    place: Place | None,
) -> Iterator[Problem]:
    """Yield codes that the mapping of the file gives to a second region; regions of two clouds may share one."""
    clouds = {region: cloud for cloud, regions in shipped.items() for region in regions}
    regions = defaultdict(list)
    for region, code in codes.items():
        regions[code].append(region)
    for code, names in regions.items():
        pairs = [
            {one, other} for one, other in combinations(names, 2) if not _apart(clouds.get(one), clouds.get(other))
        ]
        if clash := sorted(set().union(*(pair for pair in pairs if pair & mapping.keys()))):
            message = f"The code {code!r} stands for {' and '.join(clash)}; two regions would share one name."
            yield Problem("REGION-CODE", message, field="transformations.region_mapping", place=place)


def _apart(one: str | None, other: str | None) -> bool:
    return None not in (one, other) and one != other


def unmapped(region: str, codes: Mapping[str, str]) -> Problem:
    """Say that a region has no short code; there is never a default."""
    hint = "Add it to transformations.region_mapping of naming-patterns.yaml, or write {region|full} in the pattern."
    if codes and (near := did_you_mean(region, codes)).startswith("Did"):
        hint = f"{near} {hint}"
    return Problem("REGION-UNMAPPED", f"The region {region!r} has no short code.", field="region", hint=hint)
