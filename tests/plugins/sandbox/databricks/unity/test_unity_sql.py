"""The statements that the sandbox's warehouses run, and how they are waited for."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 24 * 3_600_000
NAME = "main.default.orders"


def _table(unity: Any, name: str = NAME) -> dict[str, Any]:
    table: dict[str, Any] = unity.get("Tables", name)
    return table


@pytest.fixture
def orders(unity: Any) -> Any:
    unity.run(f"CREATE TABLE {NAME} (id INT, amount DECIMAL(10, 2) COMMENT 'net', note STRING)")
    return unity


@pytest.fixture
def mapped(unity: Any) -> Any:
    unity.run(
        f"CREATE TABLE {NAME} (id INT, amount INT, day DATE) PARTITIONED BY (day)"
        " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"
    )
    return unity


def _columns(table: dict[str, Any], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(column.get(key) for key in keys) for column in table["columns"]]


def test_create_makes_what_it_says(unity: Any) -> None:
    unity.run(r"""
        CREATE TABLE `main`.`default`.`Orders` (
            `id` BIGINT NOT NULL COMMENT 'it\'s the key',
            day DATE,
            tags map<string, array<string>> COMMENT "many"
        )
        USING DELTA
        PARTITIONED BY (`day`)
        COMMENT 'Orders\nof all shops'
        TBLPROPERTIES ('owner.team' = 'x', delta.appendOnly = true)  -- and that is all
        """)
    table = _table(unity)
    assert (table["name"], table["full_name"]) == ("orders", NAME)
    assert (table["table_type"], table["data_source_format"]) == ("MANAGED", "DELTA")
    assert table["comment"] == "Orders\nof all shops"
    assert table["storage_location"].endswith(f"/tables/{table['table_id']}")
    assert _columns(table, "name", "type_text", "type_name", "position", "nullable", "comment", "partition_index") == [
        ("id", "bigint", "LONG", 0, False, "it's the key", None),
        ("day", "date", "DATE", 1, True, None, 0),
        ("tags", "map<string,array<string>>", "MAP", 2, True, "many", None),
    ]
    assert (table["properties"]["owner.team"], table["properties"]["delta.appendOnly"]) == ("x", "true")


def test_delta_adds_properties_of_its_own_and_counts_commits(orders: Any) -> None:
    first = _table(orders)["properties"]
    assert first["delta.lastUpdateVersion"] == "0"
    assert first["delta.lastCommitTimestamp"] == str(orders.time)
    assert {"delta.minReaderVersion", "delta.minWriterVersion", "delta.feature.appendOnly"} <= set(first)
    orders.time += 7
    orders.run(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    second = _table(orders)["properties"]
    assert second["delta.lastUpdateVersion"] == "1"
    assert second["delta.lastCommitTimestamp"] == str(orders.time)
    assert (second["delta.feature.columnMapping"], second["delta.columnMapping.maxColumnId"]) == ("supported", "3")


@pytest.mark.parametrize(
    ("written", "text", "name"),
    [
        ("integer", "int", "INT"),
        ("LONG", "bigint", "LONG"),
        ("tinyint", "tinyint", "BYTE"),
        ("smallint", "smallint", "SHORT"),
        ("boolean", "boolean", "BOOLEAN"),
        ("double", "double", "DOUBLE"),
        ("real", "float", "FLOAT"),
        ("decimal", "decimal(10,0)", "DECIMAL"),
        ("NUMERIC(38, 18)", "decimal(38,18)", "DECIMAL"),
        ("timestamp", "timestamp", "TIMESTAMP"),
        ("timestamp_ntz", "timestamp_ntz", "TIMESTAMP_NTZ"),
        ("binary", "binary", "BINARY"),
        ("variant", "variant", "VARIANT"),
        ("varchar(10)", "varchar(10)", "STRING"),
        ("char(2)", "char(2)", "CHAR"),
        ("array<array<int>>", "array<array<int>>", "ARRAY"),
        ("STRUCT<`a b`: INT NOT NULL COMMENT 'x', c STRING>", "struct<a b:int NOT NULL,c:string>", "STRUCT"),
    ],
)
def test_types(unity: Any, written: str, text: str, name: str) -> None:
    unity.run(f"CREATE TABLE {NAME} (c {written})")
    assert _columns(_table(unity), "type_text", "type_name") == [(text, name)]


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("money", "UNSUPPORTED_DATATYPE"),
        ("array<money>", "UNSUPPORTED_DATATYPE"),
        ("interval", "DELTA_UNSUPPORTED_DATA_TYPES"),
        ("decimal(39)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("decimal(2,3)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("decimal(1.5)", "PARSE_SYNTAX_ERROR"),
        ("array", "PARSE_SYNTAX_ERROR"),
        ("map<string>", "PARSE_SYNTAX_ERROR"),
    ],
)
def test_types_that_delta_has_not(unity: Any, written: str, error: str) -> None:
    assert unity.fail(f"CREATE TABLE {NAME} (c {written})") == error


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (f"CREATE TABLE {NAME} (id INT, ID INT)", "COLUMN_ALREADY_EXISTS"),
        (f"CREATE TABLE {NAME} (`a b` INT)", "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"),
        (f"CREATE TABLE {NAME} (a INT) PARTITIONED BY (b)", "COLUMN_NOT_DEFINED_IN_TABLE"),
        (f"CREATE TABLE {NAME} (a INT) PARTITIONED BY (a)", "ALL_PARTITION_COLUMNS_NOT_ALLOWED"),
        (f"CREATE TABLE {NAME} (a INT) CLUSTER BY (b)", "COLUMN_NOT_DEFINED_IN_TABLE"),
        (
            f"CREATE TABLE {NAME} (a INT, b INT) PARTITIONED BY (a) CLUSTER BY (b)",
            "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED",
        ),
        (
            f"CREATE TABLE {NAME} (a INT, b INT, c INT, d INT, e INT) CLUSTER BY (a, b, c, d, e)",
            "DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS",
        ),
        (f"CREATE TABLE {NAME} (a INT) COMMENT 'a' COMMENT 'b'", "DUPLICATE_CLAUSES"),
        (f"CREATE TABLE {NAME} (a INT) USING CSV", "UC_DATASOURCE_NOT_SUPPORTED"),
        (f"CREATE TABLE {NAME} (a INT) LOCATION '/tmp'", "INVALID_PARAMETER_VALUE"),
        (f"CREATE TABLE {NAME} (a INT) TBLPROPERTIES ('delta.foo' = '1')", "DELTA_UNKNOWN_CONFIGURATION"),
        (f"CREATE TABLE {NAME} (a INT) TBLPROPERTIES ('owner' = 'x')", "UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY"),
        (
            f"CREATE TABLE {NAME} (a INT) TBLPROPERTIES ('delta.columnMapping.mode' = 'x')",
            "DELTA_COLUMN_MAPPING_INVALID_MODE",
        ),
        ("CREATE TABLE no.default.t (a INT)", "NO_SUCH_CATALOG_EXCEPTION"),
        ("CREATE TABLE main.no.t (a INT)", "SCHEMA_NOT_FOUND"),
        ("CREATE TABLE main.default.`a b` (a INT)", "UC_INVALID_NAME"),
        ("CREATE TABLE a.b.c.d (a INT)", "REQUIRES_SINGLE_PART_NAMESPACE"),
        (f"CREATE TABLE {NAME} (a INT", "PARSE_SYNTAX_ERROR"),
        (f"CREATE TABLE {NAME} ()", "PARSE_SYNTAX_ERROR"),
        (f"CREATE TABLE {NAME} (a INT) SORTED", "PARSE_SYNTAX_ERROR"),
        (f"CREATE TABLE {NAME} (a INT); DROP TABLE {NAME}", "PARSE_SYNTAX_ERROR"),
        ("CREATE TABLE 'x' (a INT)", "PARSE_SYNTAX_ERROR"),
        (f"CREATE TABLE {NAME} (a INT) §", "PARSE_SYNTAX_ERROR"),
        ("SELECT 1", "UNSUPPORTED_FEATURE.STATEMENT"),
        ("", "UNSUPPORTED_FEATURE.STATEMENT"),
    ],
)
def test_creates_that_fail(unity: Any, statement: str, error: str) -> None:
    assert unity.fail(statement) == error
    assert unity.workspace.collections.get("tables", {}) == {}


def test_a_failed_statement_tells_class_place_and_state(unity: Any) -> None:
    status = unity.execute("CREATE TABLE t\n(a INT")["status"]
    message = "[PARSE_SYNTAX_ERROR] Syntax error at or near 'end of input' (line 2, pos 6). SQLSTATE: 42601"
    assert status["error"] == {"error_code": "BAD_REQUEST", "message": message}
    assert status["sql_state"] == "42601"


def test_a_table_that_is_there_is_refused_or_left_alone(orders: Any) -> None:
    before = _table(orders)
    assert orders.fail(f"CREATE TABLE {NAME} (x INT)") == "TABLE_OR_VIEW_ALREADY_EXISTS"
    orders.run(f"CREATE TABLE IF NOT EXISTS {NAME} (x INT)")
    assert _table(orders) == before


def test_names_are_completed_from_catalog_and_schema_of_the_call(unity: Any) -> None:
    unity.send("Schemas.create", name="raw", catalog_name="main")
    unity.run("CREATE TABLE t (a INT)", catalog="main", schema="raw")
    unity.run("CREATE TABLE raw.u (a INT)")
    unity.run("CREATE TABLE t (a INT)")
    assert {"main.raw.t", "main.raw.u", "main.default.t"} == set(unity.workspace.collections["tables"])


def test_external_tables_lie_apart(unity: Any) -> None:
    unity.run(f"CREATE TABLE {NAME} (a INT) LOCATION 's3://b/t/'")
    assert (_table(unity)["table_type"], _table(unity)["storage_location"]) == ("EXTERNAL", "s3://b/t")
    assert unity.fail("CREATE TABLE u (a INT) LOCATION 's3://b/t/u'") == "INVALID_PARAMETER_VALUE"
    unity.run("CREATE TABLE u (a INT) LOCATION 's3://b/t2'")


def test_a_rename_keeps_the_id(orders: Any) -> None:
    before = _table(orders)
    orders.send("Schemas.create", name="raw", catalog_name="main")
    orders.run(f"ALTER TABLE {NAME} RENAME TO main.raw.Sales")
    after = _table(orders, "main.raw.sales")
    assert after["table_id"] == before["table_id"]
    assert (after["schema_name"], after["name"]) == ("raw", "sales")


def test_renames_that_fail(orders: Any) -> None:
    orders.run("CREATE TABLE u (a INT)")
    orders.send("Catalogs.create", name="sea")
    for target, error in (
        ("main.default.u", "TABLE_OR_VIEW_ALREADY_EXISTS"),
        ("main.no.t", "SCHEMA_NOT_FOUND"),
        ("main.information_schema.t", "INVALID_PARAMETER_VALUE"),
        ("sea.default.t", "CANNOT_RENAME_ACROSS_CATALOG"),
        ("main.default.`a/b`", "UC_INVALID_NAME"),
    ):
        assert orders.fail(f"ALTER TABLE {NAME} RENAME TO {target}") == error
    assert orders.fail("ALTER TABLE no RENAME TO t") == "TABLE_OR_VIEW_NOT_FOUND"


def test_properties_are_set_and_unset(orders: Any) -> None:
    orders.run(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('a' = '1', b.c = 2, 'd' = '')")
    orders.run(f"ALTER TABLE {NAME} UNSET TBLPROPERTIES ('a')")
    orders.run(f"ALTER TABLE {NAME} UNSET TBLPROPERTIES IF EXISTS ('a', 'd')")
    assert {"b.c": "2"}.items() <= _table(orders)["properties"].items()
    assert not {"a", "d"} & set(_table(orders)["properties"])
    assert orders.fail(f"ALTER TABLE {NAME} UNSET TBLPROPERTIES ('a')") == "DELTA_UNSET_NON_EXISTENT_PROPERTY"
    assert orders.fail(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.x' = '1')") == "DELTA_UNKNOWN_CONFIGURATION"


def test_column_mapping_is_not_taken_back(mapped: Any) -> None:
    statement = f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'none')"
    assert mapped.fail(statement) == "DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE"


def test_columns_are_added_and_changed(orders: Any) -> None:
    orders.run(f"ALTER TABLE {NAME} ADD COLUMNS (a STRING COMMENT 'x', b INT)")
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN ID COMMENT 'the key'")
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN id SET NOT NULL")
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN amount COMMENT ''")
    assert _columns(_table(orders), "name", "position", "nullable", "comment") == [
        ("id", 0, False, "the key"),
        ("amount", 1, True, None),
        ("note", 2, True, None),
        ("a", 3, True, "x"),
        ("b", 4, True, None),
    ]
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN id DROP NOT NULL")
    assert _table(orders)["columns"][0]["nullable"] is True
    for change, error in (
        ("ADD COLUMNS (ID INT)", "FIELD_ALREADY_EXISTS"),
        ("ADD COLUMNS (c INT, C INT)", "COLUMN_ALREADY_EXISTS"),
        ("ADD COLUMNS (c INT NOT NULL)", "DELTA_OPERATION_NOT_ALLOWED"),
        ("ALTER COLUMN no COMMENT 'x'", "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        ("ALTER COLUMN id FROB", "PARSE_SYNTAX_ERROR"),
        ("FROB", "PARSE_SYNTAX_ERROR"),
    ):
        assert orders.fail(f"ALTER TABLE {NAME} {change}") == error


def test_columns_are_put_first_or_behind_another(orders: Any) -> None:
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN note FIRST")
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN id AFTER amount")
    assert _columns(_table(orders), "name", "position") == [("note", 0), ("amount", 1), ("id", 2)]
    for change in ("ALTER COLUMN no FIRST", "ALTER COLUMN id AFTER no", "ALTER COLUMN id AFTER id"):
        assert orders.fail(f"ALTER TABLE {NAME} {change}") == "UNRESOLVED_COLUMN.WITH_SUGGESTION"


def test_types_are_only_widened_and_only_where_that_is_on(orders: Any) -> None:
    widen = f"ALTER TABLE {NAME} ALTER COLUMN id TYPE BIGINT"
    assert orders.fail(widen) == "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP"
    orders.run(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
    orders.run(widen)
    orders.run(f"ALTER TABLE {NAME} ALTER COLUMN amount TYPE DECIMAL(12, 4)")
    assert _columns(_table(orders), "type_text", "type_precision", "type_scale")[:2] == [
        ("bigint", 0, 0),
        ("decimal(12,4)", 12, 4),
    ]
    for change in ("id TYPE INT", "amount TYPE DECIMAL(12, 5)", "note TYPE INT"):
        assert orders.fail(f"ALTER TABLE {NAME} ALTER COLUMN {change}") == "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP"


def test_columns_are_dropped_and_renamed_only_with_column_mapping(orders: Any) -> None:
    assert orders.fail(f"ALTER TABLE {NAME} DROP COLUMNS (note)") == "DELTA_UNSUPPORTED_DROP_COLUMN"
    assert orders.fail(f"ALTER TABLE {NAME} RENAME COLUMN note TO n") == "DELTA_UNSUPPORTED_RENAME_COLUMN"
    orders.run(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    orders.run(f"ALTER TABLE {NAME} RENAME COLUMN note TO `a note`")
    orders.run(f"ALTER TABLE {NAME} DROP COLUMN id")
    assert _columns(_table(orders), "name", "position") == [("amount", 0), ("a note", 1)]
    assert orders.fail(f"ALTER TABLE {NAME} RENAME COLUMN amount TO `A Note`") == "FIELD_ALREADY_EXISTS"
    error = "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA"
    assert orders.fail(f"ALTER TABLE {NAME} DROP COLUMNS (amount, `a note`)") == error


def test_a_partition_column_stays(mapped: Any) -> None:
    assert mapped.fail(f"ALTER TABLE {NAME} DROP COLUMNS (id, day)") == "DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN"
    error = "DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED"
    assert mapped.fail(f"ALTER TABLE {NAME} CLUSTER BY (id)") == error


def test_clustering_is_changed_follows_a_rename_and_is_taken_away(orders: Any) -> None:
    orders.run(f"ALTER TABLE {NAME} CLUSTER BY NONE")
    assert "clusteringColumns" not in _table(orders)["properties"]
    orders.run(f"ALTER TABLE {NAME} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    orders.run(f"ALTER TABLE {NAME} CLUSTER BY (ID, note)")
    assert _table(orders)["properties"]["clusteringColumns"] == '[["id"],["note"]]'
    orders.run(f"ALTER TABLE {NAME} RENAME COLUMN id TO key")
    assert _table(orders)["properties"]["clusteringColumns"] == '[["key"],["note"]]'
    assert orders.fail(f"ALTER TABLE {NAME} DROP COLUMNS (key)") == "DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN"
    orders.run(f"ALTER TABLE {NAME} CLUSTER BY NONE")
    assert _table(orders)["properties"]["clusteringColumns"] == "[]"


def test_owner_and_comment_are_set(orders: Any) -> None:
    version = _table(orders)["properties"]["delta.lastUpdateVersion"]
    orders.run(f"ALTER TABLE {NAME} SET OWNER TO `data-engineers`")
    assert _table(orders)["owner"] == "data-engineers"
    assert _table(orders)["properties"]["delta.lastUpdateVersion"] == version
    assert orders.fail(f"ALTER TABLE {NAME} OWNER TO nobody") == "PRINCIPAL_DOES_NOT_EXIST"
    orders.run(f"COMMENT ON TABLE {NAME} IS 'mine'")
    assert _table(orders)["comment"] == "mine"
    orders.run(f"COMMENT ON TABLE {NAME} IS NULL")
    assert "comment" not in _table(orders)


def test_drop_and_undrop_bring_back_the_very_table(orders: Any) -> None:
    before = _table(orders)
    orders.run(f"DROP TABLE {NAME}")
    assert orders.fail(f"DROP TABLE {NAME}") == "TABLE_OR_VIEW_NOT_FOUND"
    orders.run(f"DROP TABLE IF EXISTS {NAME}")
    orders.run("DROP TABLE IF EXISTS no.such.table")
    orders.run(f"UNDROP TABLE {NAME}")
    assert _table(orders) == before
    assert orders.fail(f"UNDROP TABLE {NAME}") == "TABLE_OR_VIEW_NOT_FOUND"


def test_the_name_of_a_dropped_table_is_free_and_undrop_needs_it_free(orders: Any) -> None:
    first = _table(orders)["table_id"]
    orders.run(f"DROP TABLE {NAME}")
    orders.run(f"CREATE TABLE {NAME} (x INT)")
    assert orders.fail(f"UNDROP TABLE {NAME}") == "TABLE_OR_VIEW_ALREADY_EXISTS"
    assert orders.fail(f"UNDROP TABLE WITH ID '{first}'") == "TABLE_OR_VIEW_ALREADY_EXISTS"
    second = _table(orders)["table_id"]
    orders.run(f"DROP TABLE {NAME}")
    orders.run(f"UNDROP TABLE {NAME}")
    assert _table(orders)["table_id"] == second
    orders.run(f"DROP TABLE {NAME}")
    orders.run(f"UNDROP TABLE WITH ID '{first}'")
    assert _table(orders)["table_id"] == first
    assert orders.fail("UNDROP TABLE WITH ID 'no'") == "TABLE_OR_VIEW_NOT_FOUND"


def test_dropped_tables_are_kept_for_seven_days_or_as_long_as_their_schema_says(orders: Any) -> None:
    orders.run(f"DROP TABLE {NAME}")
    orders.time += 7 * DAY
    orders.run(f"UNDROP TABLE {NAME}")
    orders.run(f"DROP TABLE {NAME}")
    orders.time += 7 * DAY + 1
    assert orders.fail(f"UNDROP TABLE {NAME}") == "TABLE_OR_VIEW_NOT_FOUND"
    orders.send("Schemas.update", {"full_name": "main.default"}, custom_max_retention_hours=336)
    orders.run(f"UNDROP TABLE {NAME}")


def test_tables_past_their_retention_go_for_good_with_the_next_drop(orders: Any) -> None:
    orders.run("CREATE TABLE u (a INT)")
    orders.run(f"DROP TABLE {NAME}")
    orders.time += 8 * DAY
    orders.run("DROP TABLE u")
    assert [table["name"] for table in orders.workspace.collections["dropped_tables"].values()] == ["u"]


def test_dropped_tables_are_shown_the_last_one_first(orders: Any) -> None:
    orders.run("CREATE TABLE u (a INT)")
    table_id = _table(orders)["table_id"]
    orders.run(f"DROP TABLE {NAME}")
    orders.run("DROP TABLE u")
    reply = orders.run("SHOW TABLES DROPPED IN `main`.`default`")
    names = [column["name"] for column in reply["manifest"]["schema"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in reply["result"]["data_array"]]
    assert [row["tableName"] for row in rows] == ["u", "orders"]
    assert (rows[1]["tableId"], rows[1]["catalogName"], rows[1]["tableType"]) == (table_id, "main", "MANAGED")
    assert rows[1]["deletedAt"] == "2023-11-14T22:13:20.000+00:00"
    assert rows[1]["comment"] is None
    assert reply["manifest"]["total_row_count"] == reply["result"]["row_count"] == 2
    assert orders.run("SHOW TABLES DROPPED")["manifest"] == reply["manifest"]
    assert orders.fail("SHOW TABLES DROPPED IN main.no") == "SCHEMA_NOT_FOUND"


def test_statements_without_rows_say_so(orders: Any) -> None:
    reply = orders.run("DROP TABLE IF EXISTS no")
    assert (reply["manifest"]["total_row_count"], reply["manifest"]["schema"]) == (0, {"column_count": 0})
    assert "data_array" not in reply["result"]
