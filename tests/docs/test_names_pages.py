"""The pages on names list every kind, with the pattern that it has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.mark.parametrize("provider", ["aws", "azure", "databricks", "gcp", "snowflake"])
def test_the_page_of_a_provider_lists_its_kinds(provider: str) -> None:
    catalogue = import_module(f"dpn_{provider}").CATALOGUE
    page = (HOW_TO / f"name-{provider}.md").read_text("utf-8")
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith("| `")]
    patterns = {kind: f"`{catalogue.pattern(kind)}`" for kind in catalogue if catalogue.pattern(kind)}
    assert {kind.strip("| `"): pattern for kind, pattern in rows if not pattern.startswith("none")} == patterns
    assert len(rows) == len(list(catalogue))
