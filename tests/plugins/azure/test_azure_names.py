"""The names of the Azure kinds keep what every provider promises, and what Azure says of all kinds alike."""

from __future__ import annotations

import re

import pytest

import dpn_azure
from dpn import NameRule, Provider
from dpn.naming import check
from dpn.testing import NamesConformance
from dpn_azure.regions import REGION_CODES

RULES = {kind: dpn_azure.CATALOGUE.rule(kind) for kind in dpn_azure.CATALOGUE}
ENDPOINTS = [
    "azure_data_factory",
    "azure_databricks_workspace",
    "azure_eventhub_namespace",
    "azure_key_vault",
    "azure_purview_account",
    "azure_sql_server",
    "azure_storage_account",
    "azure_synapse_workspace",
]
POOLS = ["azure_synapse_spark_pool", "azure_synapse_sql_pool"]
FREE = ["azure_data_factory_pipeline", "azure_sql_database", "azure_synapse_sql_pool"]  # the classes are "all but"
WORDS = [
    "access", "app_browsers", "app_code", "app_data", "app_globalresources", "app_localresources", "app_themes",
    "app_webreferences", "azure", "bing", "bizspark", "biztalk", "cortana", "directx", "dotnet", "dynamics", "excel",
    "exchange", "forefront", "groove", "hololens", "hyperv", "kinect", "lync", "msdn", "o365", "office", "office365",
    "onedrive", "onenote", "outlook", "powerpoint", "sharepoint", "skype", "visio", "visualstudio", "web.config",
    "xbox",
]  # fmt: skip


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_azure.dpn_providers()
        return provider


def cased(rule: NameRule, word: str) -> str:
    return word if rule.case == "lower" else word.capitalize()


@pytest.mark.parametrize("kind", ENDPOINTS + POOLS)
def test_what_has_an_endpoint_has_no_name_that_azure_keeps_for_itself(kind: str) -> None:
    rule = RULES[kind]
    taken = [*WORDS, "login1", "loginxyz", "amicrosoft1", "microsoft", "mywindows"]
    assert [word for word in taken if not check(rule, cased(rule, word))] == []


@pytest.mark.parametrize("kind", ENDPOINTS + POOLS)
def test_the_words_may_stand_inside_longer_names(kind: str) -> None:
    rule = RULES[kind]
    made = [f"x{word}x" for word in WORDS if re.fullmatch("[a-z0-9]{4,13}", word)]
    assert [name for name in [*made, "mylogin"] if check(rule, name)] == []


@pytest.mark.parametrize("kind", FREE)
def test_no_control_character_is_in_a_class_of_all_but_some(kind: str) -> None:
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
    match = re.compile(RULES[kind].pattern, re.ASCII).fullmatch
    assert [char for char in controls if match(f"a{char}a") or match(f"a{char}")] == []
    assert [char for char in controls if re.fullmatch(f"[{RULES[kind].charset}]", char, re.ASCII)] == []


@pytest.mark.parametrize("kind", RULES)
def test_names_that_may_have_capitals_are_compared_without_them(kind: str) -> None:
    rule = RULES[kind]
    assert (rule.case, rule.unique_fold) in {("any", "lower"), ("lower", "none")}


def test_each_region_has_a_code_of_its_own() -> None:
    assert len(set(REGION_CODES.values())) == len(REGION_CODES) == 73
    assert [code for code in REGION_CODES.values() if not re.fullmatch("[a-z]{2,4}[0-9]?", code)] == []
