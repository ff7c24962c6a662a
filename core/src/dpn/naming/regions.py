"""Short codes of regions: what the providers ship, with the mapping of the patterns file over it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

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


def code_problems(codes: Mapping[str, str], mapping: Mapping[str, str], place: Place | None) -> Iterator[Problem]:
    """Yield codes that the mapping of the file gives to a second region."""
    regions = defaultdict(list)
    for region, code in codes.items():
        regions[code].append(region)
    for code, names in regions.items():
        if len(names) > 1 and any(name in mapping for name in names):
            message = f"The code {code!r} stands for {' and '.join(sorted(names))}; two regions would share one name."
            yield Problem("REGION-CODE", message, field="transformations.region_mapping", place=place)


def unmapped(region: str, codes: Mapping[str, str]) -> Problem:
    """Say that a region has no short code; there is never a default."""
    hint = "Add it to transformations.region_mapping of naming-patterns.yaml, or write {region|full} in the pattern."
    if codes and (near := did_you_mean(region, codes)).startswith("Did"):
        hint = f"{near} {hint}"
    return Problem("REGION-UNMAPPED", f"The region {region!r} has no short code.", field="region", hint=hint)
