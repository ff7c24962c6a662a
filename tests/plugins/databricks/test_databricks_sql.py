from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn import Fault, Ref
from dpn_databricks import sql
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import (
    NotSentError,
    WarehouseStartingError,
    classify,
)
from dpn_sandbox.databricks.sql_text import tokens as sandbox_tokens

STATEMENTS = "/api/2.0/sql/statements"
WAREHOUSES = "/api/2.0/sql/warehouses"
_SPARK = re.compile(
    r"`(?P<name>(?:[^`]|``)*)`|'(?P<text>(?:\\.|[^\\'])*)'|(?P<word>\w+)|(?P<sign>[.,=()])|(?P<blank> +)", re.DOTALL
)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "0": "\0", "Z": "\x1a"}


def tokens(statement: str) -> Iterator[tuple[str, str]]:
    """Read a statement as Spark does: names in backticks, where two stand for one; texts with backslash escapes."""
    at = 0
    while at < len(statement):
        found = _SPARK.match(statement, at)
        assert found, f"{statement[at:]!r} is no token"
        kind, at = str(found.lastgroup), found.end()
        if kind == "name":
            yield kind, found["name"].replace("``", "`")
        elif kind == "text":
            yield kind, _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else _plain(one[2]), found["text"])
        elif kind != "blank":
            yield kind, found[0]


def _plain(letter: str) -> str:
    return _CONTROLS.get(letter, letter)


evil = st.text(st.sampled_from(list("ab`'\"\\;-/*${}%_.\n\r\t\0 u0024é")), max_size=12) | st.text(max_size=12)


@given(evil, evil, evil, evil)
def test_no_name_and_no_text_ends_before_its_end(schema: str, table: str, key: str, value: str) -> None:
    ref = Ref("t", table, parent=Ref("s", schema))
    statement = f"ALTER TABLE {sql.path(ref)} SET TBLPROPERTIES {sql.pairs({key: value})}"
    assert list(tokens(statement)) == [
        *(("word", word) for word in ("ALTER", "TABLE")),
        *(("name", schema), ("sign", "."), ("name", table)),
        *(("word", word) for word in ("SET", "TBLPROPERTIES")),
        *(("sign", "("), ("text", key), ("sign", "="), ("text", value), ("sign", ")")),
    ]


@given(evil, evil)
def test_the_sandbox_reads_the_same(name: str, text: str) -> None:
    read = list(sandbox_tokens(f"{sql.quote(name)} {sql.literal(text)}"))
    assert [(token.kind, token.text) for token in read[:-1]] == [("name", name), ("string", text)]


@given(evil)
def test_no_setting_is_put_into_a_text(text: str) -> None:
    assert "${" not in sql.literal(text)


def test_a_list_of_names_is_quoted_one_by_one() -> None:
    assert sql.names(["a", "b`c"]) == "(`a`, `b``c`)"


def state(name: str, **more: Any) -> dict[str, Any]:
    return {"statement_id": "s1", "status": {"state": name, **more}}


def warehouse(http: Any, status: str) -> None:
    http.on("GET", f"{WAREHOUSES}/w1", {"id": "w1", "name": "starter", "state": status})


def test_a_statement_is_sent_once_to_the_warehouse_of_the_settings(http: Any, session: DatabricksSession) -> None:
    warehouse(http, "RUNNING")
    http.on("POST", STATEMENTS, state("SUCCEEDED"))
    sql.run(session, "SELECT 1")
    (sent,) = http.writes()
    assert sent.body == {
        "statement": "SELECT 1",
        "warehouse_id": "w1",
        "wait_timeout": "50s",
        "on_wait_timeout": "CONTINUE",
    }


def outcome(session: DatabricksSession) -> Fault:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - what it means is what is looked at
        sql.run(session, "SELECT 1")
    return classify(caught.value, "create")


@pytest.mark.parametrize(
    ("reply", "means", "code"),
    [
        (state("FAILED", error={"error_code": "BAD_REQUEST", "message": "[TABLE_OR_VIEW_ALREADY_EXISTS] no"}),
         "not_applied", "TABLE_OR_VIEW_ALREADY_EXISTS"),
        (state("FAILED", error={"error_code": "BAD_REQUEST", "message": "no"}), "not_applied", "BAD_REQUEST"),
        (state("FAILED", error={"error_code": "INTERNAL_ERROR", "message": "no"}), "unknown", "INTERNAL_ERROR"),
        (state("FAILED", error={"error_code": "BAD_REQUEST", "message": "[DELTA_POST_COMMIT_HOOK_FAILED] no"}),
         "unknown", "DELTA_POST_COMMIT_HOOK_FAILED"),
        (state("FAILED", error={"error_code": "BAD_REQUEST", "message": "[DELTA_METADATA_CHANGED] no"}),
         "throttled", "DELTA_METADATA_CHANGED"),
        (state("FAILED"), "not_applied", "STATEMENT_FAILED"),
        (state("CANCELED"), "unknown", "StatementPendingError"),
        (state("PENDING"), "unknown", "StatementPendingError"),
        (state("RUNNING"), "unknown", "StatementPendingError"),
        ({"statement_id": "s1"}, "unknown", "StatementPendingError"),
    ],
)  # fmt: skip
def test_the_end_of_a_statement_says_whether_it_took_effect(
    http: Any, session: DatabricksSession, reply: dict[str, Any], means: str, code: str
) -> None:
    warehouse(http, "RUNNING")
    http.on("POST", STATEMENTS, reply)
    fault = outcome(session)
    assert (fault.outcome, fault.code) == (means, code)


def test_a_statement_that_is_closed_succeeded(http: Any, session: DatabricksSession) -> None:
    warehouse(http, "RUNNING")
    http.on("POST", STATEMENTS, state("CLOSED"))
    sql.run(session, "SELECT 1")
    assert len(http.writes()) == 1


@pytest.mark.parametrize("fails", ["lose", "refuse"])
def test_a_lost_reply_is_unknown_and_nothing_is_sent_twice(http: Any, session: DatabricksSession, fails: str) -> None:
    warehouse(http, "RUNNING")
    http.lose("POST", STATEMENTS) if fails == "lose" else http.fail("POST", STATEMENTS, 503, "TEMPORARILY_UNAVAILABLE")
    assert outcome(session).outcome == "unknown"
    assert len(http.writes()) == 1


def test_a_warehouse_that_is_stopped_is_started_and_nothing_is_sent(http: Any, session: DatabricksSession) -> None:
    warehouse(http, "STOPPED")
    http.on("POST", f"{WAREHOUSES}/w1/start")
    fault = outcome(session)
    assert (fault.outcome, fault.retry_after) == ("throttled", 30)
    assert [sent.path for sent in http.writes()] == [f"{WAREHOUSES}/w1/start"]


@pytest.mark.parametrize("status", ["STARTING", "STOPPING"])
def test_a_warehouse_on_its_way_is_waited_for(http: Any, session: DatabricksSession, status: str) -> None:
    warehouse(http, status)
    with pytest.raises(WarehouseStartingError, match=f"starter is {status.lower()}"):
        sql.run(session, "SELECT 1")
    assert http.writes() == []


@pytest.mark.parametrize("status", ["DELETING", "DELETED"])
def test_a_warehouse_that_is_deleted_is_not_waited_for(http: Any, session: DatabricksSession, status: str) -> None:
    warehouse(http, status)
    fault = outcome(session)
    assert (fault.outcome, http.writes()) == ("not_applied", [])
    assert "warehouse_id" in fault.hint


def test_the_only_warehouse_is_taken(http: Any, session: DatabricksSession) -> None:
    session.warehouse_id = None
    http.on("GET", WAREHOUSES, {"warehouses": [{"id": "w1", "name": "starter"}]})
    warehouse(http, "RUNNING")
    http.on("POST", STATEMENTS, state("SUCCEEDED"))
    sql.run(session, "SELECT 1")
    sql.run(session, "SELECT 2")
    assert len(http.sent("GET", WAREHOUSES)) == 1


@pytest.mark.parametrize(("there", "said"), [([], "none"), (["a", "b"], r"a \(a\), b \(b\)")])
def test_of_none_or_many_a_person_chooses(http: Any, session: DatabricksSession, there: list[str], said: str) -> None:
    session.warehouse_id = None
    http.on("GET", WAREHOUSES, {"warehouses": [{"id": name, "name": name} for name in there]})
    with pytest.raises(NotSentError, match=said) as caught:
        sql.run(session, "SELECT 1")
    assert "DATABRICKS_WAREHOUSE_ID" in caught.value.hint
