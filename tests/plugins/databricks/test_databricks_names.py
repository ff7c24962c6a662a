"""The names of the Databricks kinds keep what every provider promises."""

from __future__ import annotations

import pytest

import dpn_databricks
from dpn import Provider
from dpn.testing import NamesConformance


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_databricks.dpn_providers()
        return provider
