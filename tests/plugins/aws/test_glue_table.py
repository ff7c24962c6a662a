from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpn import DpnError, Inside, Marker, Observed, Ref, Want, codec
from dpn_aws.formats import FORMATS
from dpn_aws.glue_table import GlueTable

DB = Ref("aws_glue_database", "sales_gold", "sales_gold")
REF = Ref("aws_glue_table", "fact_orders", "sales_gold.fact_orders", DB)
FULL: dict[str, Any] = {
    "description": "Orders, one row each.",
    "location": "s3://lake/orders/",
    "columns": [
        {"name": "order_id", "type": "bigint", "comment": "The key."},
        {"name": "lines", "type": "array<struct<sku:string,price:decimal(10,2)>>"},
    ],
    "partition_keys": [{"name": "day", "type": "date"}],
    "format": "parquet",
    "parameters": {"retention": "7y", "projection.enabled": "true"},
}
Read = Callable[[Any, Ref], Observed]


@pytest.fixture
def kind(cloud: Any) -> GlueTable:
    cloud.session.glue().create_database(DatabaseInput={"Name": "sales_gold"})
    cloud.calls.clear()
    return GlueTable(cloud.session)


@pytest.fixture
def table(want: Callable[..., Want]) -> Callable[..., Want]:
    return lambda **spec: want("fact_orders", parent="sales_gold", **spec)


def parameters(cloud: Any) -> dict[str, str]:
    reply = cloud.session.glue().get_table(DatabaseName="sales_gold", Name="fact_orders")
    found: dict[str, str] = reply["Table"]["Parameters"]
    return found


@pytest.mark.parametrize("spec", [FULL, *({"format": name} for name in FORMATS)])
def test_what_was_made_reads_as_it_was_wanted(
    cloud: Any, kind: GlueTable, table: Callable[..., Want], spec: dict[str, Any]
) -> None:
    assert kind.create(table(**spec)) == REF
    found = kind.read(REF)
    assert found
    assert (found.spec, found.ref, found.marker) == (spec, REF, table().marker)
    assert list(kind.list(DB)) == list(kind.list(None)) == list(kind.find(table(**spec))) == [found]
    assert parameters(cloud)["classification"] == spec["format"]
    assert codec.load(Observed, json.loads(json.dumps(codec.dump(found)))) == found
    assert cloud.names().count("CreateTable") == 1


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
columns = st.lists(
    st.fixed_dictionaries(
        {"name": names, "type": st.sampled_from(["bigint", "string", "map<string,array<int>>", "decimal(38,9)"])},
        optional={"comment": st.text("abc é", min_size=1, max_size=5)},
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda column: column["name"],
)
specs = st.fixed_dictionaries(
    {"format": st.sampled_from(sorted(FORMATS))},
    optional={
        "description": st.text(min_size=1, max_size=9),
        "location": st.just("s3://lake/x/"),
        "columns": columns,
        "partition_keys": columns,
        "parameters": st.dictionaries(
            names.filter(lambda key: not key.startswith("dpn")), st.text(max_size=5), min_size=1
        ),
    },
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=specs, new=specs)
def test_any_spec_can_be_made_and_turned_into_any_other_and_back(
    kind: GlueTable, table: Callable[..., Want], old: dict[str, Any], new: dict[str, Any]
) -> None:
    kind.create(table(**old))
    before = kind.read(REF)
    assert before
    assert before.spec == old
    kind.put(REF, "definition", table(**new), before)
    after = kind.read(REF)
    assert after
    assert after.spec == new
    kind.put(REF, "definition", table(**before.spec), after)
    again = kind.read(REF)
    assert again
    assert (again.spec, again.marker, again.extra) == (before.spec, before.marker, before.extra)
    kind.delete(REF, again)


def crawl(cloud: Any) -> None:
    """Do what a crawler does to a table: parameters of its own, SerDe and column parameters."""
    glue = cloud.session.glue()
    there = glue.get_table(DatabaseName="sales_gold", Name="fact_orders")["Table"]
    storage = there["StorageDescriptor"]
    storage["SerdeInfo"]["Parameters"]["path"] = "x"
    storage["Columns"][0]["Parameters"] = {"stat": "9"}
    storage["Compressed"] = True
    glue.update_table(
        DatabaseName="sales_gold",
        TableInput={
            "Name": "fact_orders",
            "Owner": "crawler",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {**there["Parameters"], "recordCount": "12", "UPDATED_BY_CRAWLER": "c"},
            "StorageDescriptor": storage,
            "PartitionKeys": there["PartitionKeys"],
            "Description": there["Description"],
        },
    )


def test_what_a_crawler_wrote_is_no_drift_and_survives_an_update(
    cloud: Any, kind: GlueTable, table: Callable[..., Want], seen: Read
) -> None:
    kind.create(table(**FULL))
    assert seen(kind, REF).others == ()
    crawl(cloud)
    before = seen(kind, REF)
    assert before.spec == FULL
    assert before.others == ("Owner", "UPDATED_BY_CRAWLER", "path", "recordCount")  # a copy would lose them
    kind.put(REF, "definition", table(**{**FULL, "description": "new", "parameters": {"retention": "1y"}}), before)
    raw = cloud.session.glue().get_table(DatabaseName="sales_gold", Name="fact_orders")["Table"]
    assert raw["Description"] == "new"
    assert raw["Owner"] == "crawler"
    assert raw["StorageDescriptor"]["Compressed"] is True
    assert raw["StorageDescriptor"]["SerdeInfo"]["Parameters"]["path"] == "x"
    assert raw["StorageDescriptor"]["Columns"][0]["Parameters"] == {"stat": "9"}
    assert raw["Parameters"]["recordCount"] == "12"
    assert raw["Parameters"]["retention"] == "1y"
    assert "projection.enabled" not in raw["Parameters"]
    assert Marker.from_tags(raw["Parameters"]) == table().marker


def test_an_update_names_the_version_and_archives_none(
    cloud: Any, kind: GlueTable, table: Callable[..., Want], seen: Read
) -> None:
    kind.create(table(**FULL))
    kind.put(REF, "definition", table(**{**FULL, "format": "orc"}), seen(kind, REF))
    asked = cloud.last("UpdateTable")
    assert (asked["VersionId"], asked["SkipArchive"]) == ("1", True)
    assert seen(kind, REF).version == "2"


def reply(spec: dict[str, Any], version: str) -> dict[str, Any]:
    table = {"Name": "fact_orders", "DatabaseName": "sales_gold", "VersionId": version, **spec}
    return {"Table": table}


def test_a_version_taken_by_our_own_lost_reply_is_no_error(kind: GlueTable, table: Callable[..., Want]) -> None:
    seen = Observed(REF, {"description": "old"}, version="1")
    for there, ours in (("new", True), ("theirs", False)):
        with Stubber(kind.session.glue()) as stub:
            stub.add_client_error("update_table", "ConcurrentModificationException", "version")
            stub.add_response("get_table", reply({"Description": there}, "2"))
            if ours:
                kind.put(REF, "definition", table(description="new"), seen)
            else:
                with pytest.raises(ClientError):
                    kind.put(REF, "definition", table(description="new"), seen)


def test_read_only_members_are_not_sent_back_and_times_can_be_written_down(
    kind: GlueTable, table: Callable[..., Want], seen: Read
) -> None:
    from datetime import UTC, datetime

    time = datetime(2026, 1, 1, tzinfo=UTC)
    raw = {
        "CreateTime": time,
        "UpdateTime": time,
        "LastAccessTime": time,
        "CreatedBy": "x",
        "CatalogId": "1",
        "IsRegisteredWithLakeFormation": False,
        "Retention": 0,
    }
    with Stubber(kind.session.glue()) as stub:
        stub.add_response("get_table", reply(raw, "3"))
        found = seen(kind, REF)
        stub.add_response("update_table", {})
        kind.put(REF, "definition", table(format="parquet"), found)
    kept = found.extra["input"]
    assert kept == {"LastAccessTime": time.isoformat(), "Retention": 0}
    assert json.dumps(codec.dump(found))


def test_adopting_and_undoing_it_leave_a_foreign_table_as_it_was(
    cloud: Any, kind: GlueTable, table: Callable[..., Want], seen: Read
) -> None:
    glue = cloud.session.glue()
    foreign = {
        "Name": "fact_orders",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
        "StorageDescriptor": {
            "Columns": [{"Name": "a", "Type": "string"}],
            "Location": "s3://old/place/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": "|"},
            },
        },
    }
    glue.create_table(DatabaseName="sales_gold", TableInput=foreign)
    before = seen(kind, REF)
    assert isinstance(before.spec["format"], dict)  # a delimiter that no blueprint can write
    kind.mark(REF, Marker("s", "a", "o"), before)
    marked = seen(kind, REF)
    kind.put(REF, "definition", table(**FULL), marked)
    assert seen(kind, REF).spec == FULL
    kind.put(REF, "definition", table(**marked.spec), seen(kind, REF))
    kind.mark(REF, None, seen(kind, REF))
    assert seen(kind, REF).spec == before.spec
    raw = glue.get_table(DatabaseName="sales_gold", Name="fact_orders")["Table"]
    assert {key: raw[key] for key in foreign} == foreign


def test_absent_is_none_and_no_error(cloud: Any, kind: GlueTable) -> None:
    assert kind.read(REF) is None
    assert kind.contents(REF) == []
    kind.delete(REF, Observed(REF, {}))
    gone = Ref("aws_glue_database", "gone", "gone")
    elsewhere = Ref("aws_glue_table", "t", "gone.t", gone)
    assert kind.read(elsewhere) is None
    assert list(kind.list(gone)) == []
    kind.delete(elsewhere, Observed(elsewhere, {}))


def test_a_list_that_is_refused_is_not_empty(kind: GlueTable) -> None:
    with Stubber(kind.session.glue()) as stub:
        stub.add_client_error("get_tables", "AccessDeniedException")
        with pytest.raises(ClientError):
            list(kind.list(DB))


def test_a_list_takes_two_calls_at_most_for_a_database_of_any_size(
    cloud: Any, kind: GlueTable, want: Callable[..., Want]
) -> None:
    for number in range(30):
        kind.create(want(f"t{number}", parent="sales_gold", format="orc"))
    cloud.calls.clear()
    assert len(list(kind.list(DB))) == 30
    assert cloud.names() == ["GetTables"]


def test_an_id_is_enough_to_find_a_table(kind: GlueTable, table: Callable[..., Want]) -> None:
    kind.create(table(**FULL))
    found = kind.read(Ref("aws_glue_table", "", "sales_gold.fact_orders"))
    assert found
    assert found.ref == REF
    with pytest.raises(DpnError, match="needs its database"):
        kind.read(Ref("aws_glue_table", "fact_orders"))


def test_partitions_vanish_with_the_table(cloud: Any, kind: GlueTable, table: Callable[..., Want]) -> None:
    kind.create(table(**FULL))
    part = {"Values": ["2026-01-01"], "StorageDescriptor": {}}
    cloud.session.glue().create_partition(DatabaseName="sales_gold", TableName="fact_orders", PartitionInput=part)
    assert kind.contents(REF) == [Inside("partition", "2026-01-01", goes_with_it=True)]
