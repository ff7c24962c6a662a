"""How statements are sent, waited for, cancelled and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from dpn_sandbox.databricks.warehouses import STARTER_ID
from dpn_sandbox.databricks.workspace import ApiError

NAME = "main.default.orders"


def test_a_statement_waits_for_a_stopped_warehouse_which_it_starts(unity: Any) -> None:
    unity.stop()
    asked = unity.execute(f"CREATE TABLE {NAME} (a INT)")
    assert asked["status"] == {"state": "PENDING"}
    assert unity.warehouse() == "STARTING"
    assert unity.workspace.collections.get("tables", {}) == {}
    states = [unity.poll(asked["statement_id"])]
    while states[-1] == "PENDING":
        states.append(unity.poll(asked["statement_id"]))
    assert states[-1] == "SUCCEEDED"
    assert unity.get("Tables", NAME)["name"] == "orders"


def test_polling_alone_brings_the_warehouse_up_and_counts_as_a_move(unity: Any) -> None:
    unity.stop()
    statement_id = unity.execute(f"CREATE TABLE {NAME} (a INT)")["statement_id"]
    moves = unity.workspace.moves
    assert [unity.poll(statement_id) for _ in range(3)] == ["PENDING", "SUCCEEDED", "SUCCEEDED"]
    assert unity.workspace.moves > moves
    moves = unity.workspace.moves
    unity.poll(statement_id)
    assert unity.workspace.moves == moves


def test_waiting_statements_run_in_their_order_before_a_new_one(unity: Any) -> None:
    unity.stop()
    first = unity.execute(f"CREATE TABLE {NAME} (a INT)")["statement_id"]
    second = unity.execute(f"ALTER TABLE {NAME} RENAME TO sales")["statement_id"]
    while unity.warehouse() != "RUNNING":
        pass
    assert unity.execute(f"DROP TABLE {NAME}")["status"]["sql_state"] == "42P01"
    assert [unity.poll(first), unity.poll(second)] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_waiting_statement_can_be_cancelled_an_ended_one_not(unity: Any) -> None:
    done = unity.run(f"CREATE TABLE {NAME} (a INT)")["statement_id"]
    unity.stop()
    waits = unity.execute(f"DROP TABLE {NAME}")["statement_id"]
    for statement_id in (done, waits):
        assert unity.send("StatementExecution.cancel_execution", {"statement_id": statement_id}) == {}
    assert [unity.poll(done), unity.poll(waits)] == ["SUCCEEDED", "CANCELED"]
    assert unity.get("Tables", NAME)["name"] == "orders"


def test_who_does_not_wait_has_the_statement_cancelled(unity: Any) -> None:
    unity.stop()
    asked = unity.execute(f"CREATE TABLE {NAME} (a INT)", wait_timeout="5s", on_wait_timeout="CANCEL")
    assert asked["status"] == {"state": "CANCELED"}


def test_a_statement_ends_with_its_warehouse(unity: Any) -> None:
    unity.stop()
    statement_id = unity.execute(f"CREATE TABLE {NAME} (a INT)")["statement_id"]
    unity.send("Warehouses.delete", {"id": STARTER_ID})
    assert unity.poll(statement_id) == "CANCELED"


def test_without_a_wait_the_outcome_is_read_later(unity: Any) -> None:
    asked = unity.execute(f"CREATE TABLE {NAME} (a INT)", wait_timeout="0s")
    assert asked["status"] == {"state": "PENDING"}
    assert unity.poll(asked["statement_id"]) == "SUCCEEDED"


@pytest.mark.parametrize("wait", ["4s", "51s", "10", "1m", "-5s"])
def test_waits_that_are_not_taken(unity: Any, wait: str) -> None:
    with pytest.raises(ApiError) as caught:
        unity.execute("DROP TABLE t", wait_timeout=wait)
    assert caught.value.code == "INVALID_PARAMETER_VALUE"


def test_warehouse_and_statement_must_be_there(unity: Any) -> None:
    with pytest.raises(ApiError) as caught:
        unity.execute("DROP TABLE t", warehouse_id="no")
    assert (caught.value.status, caught.value.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    with pytest.raises(ApiError) as caught:
        unity.poll("no")
    assert (caught.value.status, caught.value.code) == (404, "NOT_FOUND")


def test_statements_are_forgotten_after_an_hour(unity: Any) -> None:
    statement_id = unity.run(f"CREATE TABLE {NAME} (a INT)")["statement_id"]
    unity.time += 3_600_001
    unity.run("DROP TABLE IF EXISTS t")
    with pytest.raises(ApiError):
        unity.poll(statement_id)
