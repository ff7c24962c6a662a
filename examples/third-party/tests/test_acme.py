"""The kinds of Acme keep every promise of the contract, and its errors say what happened."""

from __future__ import annotations

from pathlib import Path

import pytest
from dpn_acme import Service, Table, dpn_providers, errors

from dpn import Want
from dpn.testing import ResourceConformance, Sample


class TestTable(ResourceConformance):
    @pytest.fixture
    def kind(self, tmp_path: Path) -> Table:
        return Table(Service(str(tmp_path)))

    @pytest.fixture
    def sample(self) -> Sample:
        spec = {"columns": ["id"], "keep_days": 30, "tags": {"team": "sales"}}
        return Sample("sales_orders_dev", spec, {"columns": ["id", "total"], "tags": {"team": "finance"}})


def test_a_name_that_is_taken_is_refused_for_certain(tmp_path: Path) -> None:
    kind, want = Table(Service(str(tmp_path))), Want("orders", {"columns": ["id"], "format": "row"})
    kind.create(want)
    with pytest.raises(FileExistsError) as taken:
        kind.create(want)
    assert errors(taken.value, "create").outcome == "not_applied"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_not_understood_may_have_happened() -> None:
    assert errors(OSError("the disk is on fire"), "create").outcome == "unknown"


def test_the_provider_connects_where_its_settings_lead(tmp_path: Path) -> None:
    (provider,) = dpn_providers()
    assert provider.connect
    assert provider.connect({"folder": str(tmp_path), "workers": 10}).folder == tmp_path
