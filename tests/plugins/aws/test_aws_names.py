"""The names of the AWS kinds keep what every provider promises."""

from __future__ import annotations

import pytest

import dpn_aws
from dpn import Provider
from dpn.testing import NamesConformance


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_aws.dpn_providers()
        return provider
