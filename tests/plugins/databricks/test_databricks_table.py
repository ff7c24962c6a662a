from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
from databricks.sdk.service.catalog import TableInfo

from dpn import Change, Inside, Marker, Observed, Plan, Problem, Ref, Want
from dpn.model import Diff, Record
from dpn_databricks import properties
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import NotSentError, StatementFailedError, StatementPendingError, classify
from dpn_databricks.review_unity import review
from dpn_databricks.table import Table

STATEMENTS = "/api/2.0/sql/statements"
TABLES = "/api/2.1/unity-catalog/tables"
PATH = f"{TABLES}/lake_dev.sales_gold.fact_orders"
SCHEMA = Ref("databricks_schema", "sales_gold", "s1", Ref("databricks_catalog", "lake_dev", "17"))
REF = Ref("databricks_table", "fact_orders", "t1", SCHEMA)
NAME = "`lake_dev`.`sales_gold`.`fact_orders`"
Make = Callable[..., Want]
Read = Callable[[Any, Ref], Observed]
MARKED = (
    "'dpn_addr' = 'abcdefghijklmnop', 'dpn_keys' = '[\"%s\"]', "
    "'dpn_op' = '01jdyw0000000000000000000a', 'dpn_stack' = 'lake--dev'"
)
COLUMNS: list[dict[str, Any]] = [
    {"name": "order_id", "type": "bigint", "nullable": False, "comment": "The key"},
    {"name": "total", "type": "decimal(10,2)", "nullable": True},
]


def column(name: str, text: str = "int", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": text, "nullable": True, **more}


def info(marker: Marker | None = None, noted: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Give the table as the service shows it."""
    given = properties.write(noted or {}, {}, marker)
    raw = {
        "name": "fact_orders",
        "catalog_name": "lake_dev",
        "schema_name": "sales_gold",
        "full_name": "lake_dev.sales_gold.fact_orders",
        "table_id": "t1",
        "table_type": "MANAGED",
        "owner": "ada@example.com",
        "columns": [
            {"name": "order_id", "type_text": "bigint", "nullable": False, "comment": "The key", "position": 0},
            {"name": "total", "type_text": "decimal(10,2)", "nullable": True, "position": 1},
        ],
        "properties": {"delta.lastUpdateVersion": "0", "delta.minReaderVersion": "1", **given},
    } | more
    assert TableInfo.from_dict(raw).as_dict() == raw
    return raw


def ran(http: Any) -> list[str]:
    return [str(sent.body["statement"]) for sent in http.sent("POST", STATEMENTS)]


@pytest.fixture
def kind(http: Any, session: DatabricksSession) -> Table:
    http.on("GET", "/api/2.0/sql/warehouses/w1", {"id": "w1", "name": "starter", "state": "RUNNING"})
    return Table(session)


@pytest.fixture
def runs(http: Any) -> None:
    http.on("POST", STATEMENTS, {"statement_id": "s", "status": {"state": "SUCCEEDED"}})


def failing(message: str) -> dict[str, Any]:
    error = {"error_code": "BAD_REQUEST", "message": message}
    return {"statement_id": "s", "status": {"state": "FAILED", "error": error}}


def table(want: Make, **spec: Any) -> Want:
    return want("fact_orders", SCHEMA, table_type="MANAGED", **spec)


def seen_as(*columns: Any, **spec: Any) -> Observed:
    extra = {"properties": spec.pop("others", {}), "noted": list(spec.get("properties", {}))}
    return Observed(REF, {"columns": list(columns), **spec}, extra=extra)


@pytest.mark.usefixtures("runs")
def test_a_create_is_one_statement_that_says_everything(http: Any, kind: Table, want: Make) -> None:
    http.on("GET", PATH, info())
    wanted = table(want, columns=COLUMNS, cluster_by=["total"], comment="It's\nnew", properties={"tier": "1"})
    assert kind.create(wanted) == REF
    (statement,) = ran(http)
    assert statement == (
        f"CREATE TABLE {NAME} (`order_id` bigint NOT NULL COMMENT 'The key', `total` decimal(10,2)) USING DELTA "
        f"CLUSTER BY (`total`) COMMENT 'It\\'s\\nnew' TBLPROPERTIES ({MARKED % 'tier'}, 'tier' = '1')"
    )


@pytest.mark.usefixtures("runs")
def test_an_external_table_says_where_it_lies(http: Any, kind: Table, want: Make) -> None:
    http.on("GET", PATH, info(table_type="EXTERNAL", storage_location="s3://lake/orders"))
    spec = {"table_type": "EXTERNAL", "storage_location": "s3://lake/orders", "partition_by": ["day"]}
    kind.create(want("fact_orders", SCHEMA, **spec, columns=[column("day", "date")]))
    (statement,) = ran(http)
    where = "USING DELTA PARTITIONED BY (`day`) LOCATION 's3://lake/orders'"
    assert f"CREATE TABLE {NAME} (`day` date) {where}" in statement


def test_a_lost_reply_of_a_create_is_one_request_and_unknown(http: Any, kind: Table, want: Make) -> None:
    http.lose("POST", STATEMENTS)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        kind.create(table(want, columns=COLUMNS))
    assert classify(caught.value, "create").outcome == "unknown"
    assert len(http.writes()) == 1


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("status", "code"), [(403, "PERMISSION_DENIED"), (404, "TABLE_DOES_NOT_EXIST")])
def test_a_table_that_was_made_and_cannot_be_read_is_looked_for(
    http: Any, kind: Table, want: Make, status: int, code: str
) -> None:
    http.fail("GET", PATH, status, code)
    with pytest.raises(StatementPendingError) as caught:
        kind.create(table(want, columns=COLUMNS))
    assert classify(caught.value, "create").outcome == "unknown"


def test_it_is_read_as_it_was_wanted_whatever_delta_adds(http: Any, kind: Table, want: Make, seen: Read) -> None:
    marker = want("x").marker
    http.on("GET", PATH, info(marker, {"tier": "1"}, comment="Orders"))
    found = seen(kind, REF)
    assert (found.ref, found.marker) == (REF, marker)
    assert found.spec == {
        "table_type": "MANAGED",
        "columns": COLUMNS,
        "comment": "Orders",
        "properties": {"tier": "1"},
        "owner": "ada@example.com",
    }
    assert found.extra == {"properties": {"delta.minReaderVersion": "1"}, "noted": ["tier"]}


def test_partitions_and_clustering_are_read_in_their_order(http: Any, kind: Table, seen: Read) -> None:
    parted = [
        {"name": name, "type_text": "int", "partition_index": at} for name, at in (("a", 1), ("b", 0), ("c", None))
    ]
    http.on("GET", PATH, info(columns=[{k: v for k, v in one.items() if v is not None} for one in parted]))
    assert seen(kind, REF).spec["partition_by"] == ["b", "a"]
    other = Ref(REF.kind, "other", parent=SCHEMA)
    clustered = info(properties={"clusteringColumns": '[["total"],["a","b"]]'})
    http.on("GET", f"{TABLES}/lake_dev.sales_gold.other", clustered)
    assert seen(kind, other).spec["cluster_by"] == ["total", "a.b"]


def test_types_are_seen_as_they_are_written_and_what_delta_counts_is_no_property(
    http: Any, kind: Table, seen: Read
) -> None:
    columns = [{"name": "a", "type_text": "string collate UTF8_BINARY"}, {"name": "b", "type_text": "varchar(9)"}]
    given = {"clusteringColumns": '[["a"]]', "delta.columnMapping.maxColumnId": "2", "tier": "1"}
    http.on("GET", PATH, info(columns=columns, properties=given))
    spec = seen(kind, REF).spec
    assert spec["columns"] == [column("a", "string"), column("b", "string")]
    assert (spec["cluster_by"], spec["properties"]) == (["a"], {"tier": "1"})


def test_another_table_of_that_name_is_not_it(http: Any, kind: Table) -> None:
    http.on("GET", PATH, info(table_id="t2"))
    assert kind.read(REF) is None


def test_the_list_shows_tables_only_and_goes_over_empty_pages(http: Any, kind: Table) -> None:
    query = {"catalog_name": "lake_dev", "schema_name": "sales_gold", "max_results": "0"}
    http.on("GET", TABLES, {"next_page_token": "2"}, query=query)
    rows = [info(), info(name="v", table_type="VIEW")]
    http.on("GET", TABLES, {"tables": rows}, query={**query, "page_token": "2"})
    assert [found.ref for found in kind.list(SCHEMA)] == [REF]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("part", "wanted", "there", "statements"),
    [
        ("columns", {"columns": [column("a"), column("b", comment="x")]}, seen_as(column("a")),
         ["ADD COLUMNS (`b` int COMMENT 'x')"]),
        ("columns", {"columns": [column("a", comment="x"), column("b", nullable=False)]},
         seen_as(column("a", comment="y"), column("b")),
         ["ALTER COLUMN `a` COMMENT 'x'", "ALTER COLUMN `b` SET NOT NULL"]),
        ("columns", {"columns": [column("a")]}, seen_as(column("a", nullable=False, comment="y")),
         ["ALTER COLUMN `a` COMMENT ''", "ALTER COLUMN `a` DROP NOT NULL"]),
        ("columns", {"columns": [column("c"), column("a")]},
         seen_as(column("a"), column("b"), cluster_by=["b"], properties={"delta.columnMapping.mode": "name"}),
         ["CLUSTER BY NONE", "ADD COLUMNS (`c` int)", "DROP COLUMNS (`b`)", "ALTER COLUMN `c` FIRST"]),
        ("columns", {"columns": [column("b"), column("c"), column("a")]},
         seen_as(column("a"), column("b"), column("c")),
         ["ALTER COLUMN `b` FIRST", "ALTER COLUMN `c` AFTER `b`"]),
        ("columns", {"columns": COLUMNS}, seen_as(*COLUMNS), []),
        ("clustering", {"cluster_by": ["a", "b"]}, seen_as(), ["CLUSTER BY (`a`, `b`)"]),
        ("clustering", {}, seen_as(cluster_by=["a"]), ["CLUSTER BY NONE"]),
    ],
)  # fmt: skip
def test_a_part_sends_what_differs(
    http: Any, kind: Table, part: str, wanted: Any, there: Observed, statements: list[str]
) -> None:
    kind.put(REF, part, Want("fact_orders", wanted, SCHEMA), there)
    assert ran(http) == [f"ALTER TABLE {NAME} {statement}" for statement in statements]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("comment", "said"), [("It's", "'It\\'s'"), (None, "NULL")])
def test_a_comment_is_set_or_taken_away(http: Any, kind: Table, want: Make, comment: str | None, said: str) -> None:
    kind.put(REF, "comment", table(want, comment=comment), seen_as())
    assert ran(http) == [f"COMMENT ON TABLE {NAME} IS {said}"]


@pytest.mark.usefixtures("runs")
def test_properties_are_taken_off_before_the_note_forgets_them(http: Any, kind: Table, want: Make) -> None:
    there = seen_as(properties={"old": "1", "kept": "1"}, others={"theirs": "1"})
    kind.put(REF, "properties", table(want, properties={"kept": "1"}), there)
    assert ran(http) == [
        f"ALTER TABLE {NAME} UNSET TBLPROPERTIES IF EXISTS ('old')",
        f"ALTER TABLE {NAME} SET TBLPROPERTIES ({MARKED % 'kept'})",
    ]


def test_the_owner_goes_by_rest_and_only_if_said(http: Any, kind: Table, want: Make) -> None:
    http.on("PATCH", PATH)
    kind.put(REF, "owner", table(want), seen_as())
    kind.put(REF, "owner", table(want, owner="data-engineers"), seen_as())
    (sent,) = http.writes()
    assert sent.body == {"owner": "data-engineers"}


IMPOSSIBLE: list[tuple[Any, Any, str]] = [
    ([column("a"), column("b", nullable=False)], [column("a")], "adds no column that may not be null: b"),
    ([column("a", "bigint")], [column("a")], "widen the type .* does not: a"),
    ([column("A")], [column("a")], "case, so these keep their names: a"),
    ([column("a")], [column("a"), column("b")], "drops a column only where column mapping is on: b"),
    ([], [column("a")], "keeps one column at least"),
]
BOUND: tuple[Any, Any, str] = (
    [column("a")],
    [column("a"), column("b", nullable=False)],
    "bring a column back that may not be null.*: b",
)


@pytest.mark.parametrize(("wanted", "there", "why"), [*IMPOSSIBLE, BOUND])
def test_what_delta_cannot_do_is_refused_before_anything_is_sent(
    http: Any, kind: Table, want: Make, wanted: Any, there: Any, why: str
) -> None:
    with pytest.raises(NotSentError, match=why) as caught:
        kind.put(REF, "columns", table(want, columns=wanted), seen_as(*there, cluster_by=["b"]))
    assert (http.writes(), classify(caught.value, "put").outcome) == ([], "not_applied")


@pytest.mark.parametrize("wanted_first", [True, False])
def test_a_put_that_ends_in_the_middle_is_undone(http: Any, kind: Table, want: Make, wanted_first: bool) -> None:
    done = {"statement_id": "s", "status": {"state": "SUCCEEDED"}}
    http.on("POST", STATEMENTS, done if wanted_first else failing("[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] no"))
    http.on("POST", STATEMENTS, failing("[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] There are nulls."))
    columns = [column("a", nullable=False), column("b")]
    with pytest.raises(Exception, match=r"no|nulls") as caught:
        kind.put(REF, "columns", table(want, columns=columns), seen_as(column("a")))
    fault = classify(caught.value, "put")
    assert fault.outcome == ("unknown" if wanted_first else "not_applied")
    assert fault.code == "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"
    assert len(http.writes()) == (2 if wanted_first else 1)


def changed(wanted: Any, there: Any, **spec: Any) -> list[Problem]:
    before = Record("databricks_table.orders", "databricks_table", "orders", spec, "databricks")
    diffs = (Diff("comment", None, "x"), Diff("columns", there, wanted))
    change = Change(before.address, before.kind, "update", "orders", before=before, diffs=diffs)
    return list(review(Plan("lake.dev", "dev", 1, "l", (change,))))


@pytest.mark.parametrize(("wanted", "there", "why"), IMPOSSIBLE)
def test_what_delta_cannot_do_is_told_by_the_plan(wanted: Any, there: Any, why: str) -> None:
    problem = changed(wanted, there)[0]
    assert (problem.address, problem.field, problem.code) == (
        "databricks_table.orders", "spec.columns", "DATABRICKS-COLUMNS",
    )  # fmt: skip
    assert problem.hint
    assert problem.severity == ("warning" if "mapping" in why else "error")


def test_a_plan_that_can_be_carried_out_is_left_alone() -> None:
    mapped = {"properties": {"delta.columnMapping.mode": "name"}}
    assert changed([column("a")], [column("a"), column("b")], **mapped) == []
    assert changed([column("a"), column("b")], [column("a")]) == []
    assert changed([column("a")], None) == []


@pytest.mark.usefixtures("runs")
def test_a_rename_is_one_statement_and_keeps_the_id(http: Any, kind: Table) -> None:
    assert kind.rename(REF, "fact_sales") == Ref(REF.kind, "fact_sales", "t1", SCHEMA)
    assert ran(http) == [f"ALTER TABLE {NAME} RENAME TO `lake_dev`.`sales_gold`.`fact_sales`"]


@pytest.mark.usefixtures("runs")
def test_a_marker_is_put_on_beside_the_note_and_taken_off_with_it(http: Any, kind: Table) -> None:
    there = seen_as(properties={"tier": "1"})
    kind.mark(REF, Marker("s", "a", "o"), there)
    kind.mark(REF, None, there)
    on = "('dpn_addr' = 'a', 'dpn_keys' = '[\"tier\"]', 'dpn_op' = 'o', 'dpn_stack' = 's')"
    assert ran(http) == [
        f"ALTER TABLE {NAME} SET TBLPROPERTIES {on}",
        f"ALTER TABLE {NAME} UNSET TBLPROPERTIES IF EXISTS ('dpn_addr', 'dpn_keys', 'dpn_op', 'dpn_stack')",
    ]


def test_a_delete_of_what_is_gone_is_no_error(http: Any, kind: Table) -> None:
    http.fail("DELETE", PATH, 404, "TABLE_DOES_NOT_EXIST")
    kind.delete(REF, seen_as())
    assert len(http.writes()) == 1


@pytest.mark.usefixtures("runs")
def test_what_was_dropped_comes_back_by_its_id(http: Any, kind: Table) -> None:
    http.fail("GET", PATH, 404, "TABLE_DOES_NOT_EXIST")
    http.on("GET", PATH, info())
    assert kind.undrop(REF) == REF
    assert kind.undrop(REF) == REF
    assert ran(http) == ["UNDROP TABLE WITH ID 't1'"]


@pytest.mark.parametrize("code", ["TABLE_OR_VIEW_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"])
def test_what_the_service_keeps_no_more_is_none(http: Any, kind: Table, code: str) -> None:
    http.fail("GET", PATH, 404, "TABLE_DOES_NOT_EXIST")
    http.on("POST", STATEMENTS, failing(f"[{code}] It is not there."))
    assert kind.undrop(REF) is None


def test_a_name_that_was_taken_meanwhile_is_told(http: Any, kind: Table) -> None:
    http.on("GET", PATH, info(table_id="t2"))
    http.on("POST", STATEMENTS, failing("[TABLE_OR_VIEW_ALREADY_EXISTS] It is there."))
    with pytest.raises(StatementFailedError, match="ALREADY_EXISTS"):
        kind.undrop(REF)


def test_grants_vanish_with_it(http: Any, kind: Table) -> None:
    held = [{"principal": "data-analysts", "privileges": ["SELECT"]}, {"principal": "nobody"}]
    path = "/api/2.1/unity-catalog/permissions/table/lake_dev.sales_gold.fact_orders"
    http.on("GET", path, {"privilege_assignments": held})
    assert kind.contents(REF) == [Inside("databricks_grant", "data-analysts", goes_with_it=True)]
