"""The names of the Snowflake kinds keep what every provider promises, as identifiers that are not quoted."""

from __future__ import annotations

import pytest

import dpn_snowflake
from dpn import Provider
from dpn.config import NamingFiles
from dpn.naming import Namer, check
from dpn.naming.collisions import collisions
from dpn.offers import kind_info
from dpn.testing import NamesConformance

RULES = {kind: dpn_snowflake.CATALOGUE.rule(kind) for kind in dpn_snowflake.CATALOGUE}
INFOS = {kind.kind: kind_info(kind, "snowflake", "under test") for kind in dpn_snowflake.CATALOGUE.named()}

KEYWORDS = [
    "ACCOUNT", "ALL", "ALTER", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "CAST", "CHECK", "COLUMN", "CONNECT",
    "CONNECTION", "CONSTRAINT", "CREATE", "CROSS", "CURRENT", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "CURRENT_USER", "DATABASE", "DELETE", "DISTINCT", "DROP", "ELSE", "EXISTS", "FALSE", "FOLLOWING", "FOR", "FROM",
    "FULL", "GRANT", "GROUP", "GSCLUSTER", "HAVING", "ILIKE", "IN", "INCREMENT", "INNER", "INSERT", "INTERSECT",
    "INTO", "IS", "ISSUE", "JOIN", "LATERAL", "LEFT", "LIKE", "LOCALTIME", "LOCALTIMESTAMP", "MINUS", "NATURAL",
    "NOT", "NULL", "OF", "ON", "OR", "ORDER", "ORGANIZATION", "QUALIFY", "REGEXP", "REVOKE", "RIGHT", "RLIKE", "ROW",
    "ROWS", "SAMPLE", "SCHEMA", "SELECT", "SET", "SOME", "START", "TABLE", "TABLESAMPLE", "THEN", "TO", "TRIGGER",
    "TRUE", "TRY_CAST", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES", "VIEW", "WHEN", "WHENEVER", "WHERE", "WITH",
]  # fmt: skip


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        (provider,) = dpn_snowflake.dpn_providers()
        return provider


@pytest.mark.parametrize("kind", RULES)
def test_no_name_is_a_keyword_in_any_case(kind: str) -> None:
    for spelled in (str.upper, str.lower, str.capitalize):
        assert [word for word in map(spelled, KEYWORDS) if not check(RULES[kind], word)] == []
    assert [word for word in KEYWORDS if check(RULES[kind], f"{word}_1")] == []


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("snowflake", {"snowflake_database"}),
        ("Public", {"snowflake_schema", "snowflake_role"}),
        ("INFORMATION_SCHEMA", {"snowflake_schema"}),
        ("AccountAdmin", {"snowflake_role"}),
    ],
)
def test_what_is_there_from_the_start_is_taken_where_it_stands_and_nowhere_else(name: str, kinds: set[str]) -> None:
    assert {kind for kind, rule in RULES.items() if check(rule, name)} == kinds


def test_a_name_is_made_as_it_is_stored() -> None:
    namer = Namer(NamingFiles(), kinds=INFOS, environment="prd")
    values = {"project": "my-project", "domain": "Sales", "access": "reader"}
    named, problems = namer.name("snowflake_role", naming=values)
    assert (named and named.name, problems) == ("MY_PROJECT_SALES_READER_PRD", [])


def test_two_spellings_are_one_name() -> None:
    info = INFOS["snowflake_database"]
    (problem,) = collisions([("a", info, "Sales", "here"), ("b", info, "SALES", "here")])
    assert problem.code == "NAME-COLLISION"
