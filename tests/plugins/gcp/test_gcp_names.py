"""The names of the Google Cloud kinds keep what every provider promises; tables of BigQuery take any script."""

from __future__ import annotations

import re
import unicodedata

import pytest

import dpn_gcp
from dpn import Provider
from dpn.naming import check
from dpn.testing import NamesConformance
from dpn_gcp.regions import REGION_CODES

TABLE = dpn_gcp.CATALOGUE.rule("gcp_bigquery_table")


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_gcp.dpn_providers()
        return provider


def documented(char: str) -> bool:
    """Tell whether BigQuery says that a table's name may hold it: categories L, M, N, Pc, Pd and Zs."""
    category = unicodedata.category(char)
    return category[0] in "LMN" or category in {"Pc", "Pd", "Zs"}


def test_a_table_takes_the_characters_that_are_documented_and_no_others() -> None:
    """Characters that Unicode has had since 3.2: what was added later differs between versions of Python."""
    old = [char for char in map(chr, range(0x110000)) if unicodedata.ucd_3_2_0.category(char) not in {"Cn", "Co", "Cs"}]
    assert [f"{ord(char):04X}" for char in old if documented(char) == bool(check(TABLE, f"a{char}"))] == []


@pytest.mark.parametrize("name", ["INFORMATION_SCHEMA", "Information_Schema", "__tables__"])
def test_a_table_is_not_called_as_the_views_of_the_service(name: str) -> None:
    assert check(TABLE, name)
    assert not check(TABLE, f"{name}x")


@pytest.mark.parametrize("name", ["x-google", "xgoogle1", "g00gle-x", "x-go0gle", "goog1e-x", "x-g0og1e"])
def test_a_bucket_has_no_spelling_of_google_in_its_name(name: str) -> None:
    assert check(dpn_gcp.CATALOGUE.rule("gcp_storage_bucket"), name)


def test_each_region_has_a_code_of_its_own() -> None:
    assert len(set(REGION_CODES.values())) == len(REGION_CODES) == 43
    assert [code for code in REGION_CODES.values() if not re.fullmatch("[a-z]{2,4}[0-9]{1,2}", code)] == []
