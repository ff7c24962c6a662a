from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dpn import Inside, Marker, Observed, Ref, Want
from dpn_aws.errors import classify
from dpn_aws.glue_database import GlueDatabase

REF = Ref("aws_glue_database", "sales_gold", "sales_gold")
FULL = {
    "description": "Sales, gold layer.",
    "location_uri": "s3://lake/sales/",
    "parameters": {"owner": "sales", "empty": ""},
}
Read = Callable[[Any, Ref], Observed]


@pytest.mark.parametrize("spec", [{}, FULL, {"description": "only this"}])
def test_what_was_made_reads_as_it_was_wanted(cloud: Any, want: Callable[..., Want], spec: dict[str, Any]) -> None:
    kind, asked = GlueDatabase(cloud.session), want("sales_gold", **spec)
    assert kind.create(asked) == REF
    found = kind.read(REF)
    assert found
    assert (found.spec, found.ref, found.marker) == (spec, REF, asked.marker)
    assert list(kind.list(None)) == [found]
    assert list(kind.find(asked)) == [found]
    assert cloud.names().count("CreateDatabase") == 1


def test_absent_is_none_and_no_error(cloud: Any) -> None:
    kind = GlueDatabase(cloud.session)
    assert kind.read(REF) is None
    assert kind.contents(REF) == []
    assert list(kind.list(None)) == []
    kind.delete(REF, Observed(REF, {}))


def test_a_name_that_is_taken_is_not_applied(cloud: Any, want: Callable[..., Want]) -> None:
    kind = GlueDatabase(cloud.session)
    kind.create(want("sales_gold"))
    with pytest.raises(ClientError) as taken:
        kind.create(want("sales_gold"))
    assert classify(taken.value, "create").outcome == "not_applied"


def test_an_update_replaces_what_the_spec_says_and_keeps_what_others_set(
    cloud: Any, want: Callable[..., Want], seen: Read
) -> None:
    kind = GlueDatabase(cloud.session)
    kind.create(want("sales_gold", **FULL))
    there = cloud.session.glue().get_database(Name="sales_gold")["Database"]
    cloud.session.glue().update_database(
        Name="sales_gold",
        DatabaseInput={
            "Name": "sales_gold",
            "Parameters": {**there["Parameters"], "crawled": "yes"},
            "CreateTableDefaultPermissions": [{"Permissions": ["ALL"]}],
        },
    )
    before = seen(kind, REF)
    assert before.spec == {"parameters": FULL["parameters"]}
    kind.put(REF, "definition", want("sales_gold", parameters={"owner": "finance"}), before)
    found = seen(kind, REF)
    assert found.spec == {"parameters": {"owner": "finance"}}
    assert found.marker == want("x").marker
    there = cloud.session.glue().get_database(Name="sales_gold")["Database"]
    assert there["Parameters"]["crawled"] == "yes"
    assert "empty" not in there["Parameters"]
    assert there["CreateTableDefaultPermissions"] == [{"Permissions": ["ALL"]}]


def test_adopting_and_undoing_it_leave_a_foreign_database_as_it_was(
    cloud: Any, want: Callable[..., Want], seen: Read
) -> None:
    kind, glue = GlueDatabase(cloud.session), cloud.session.glue()
    glue.create_database(DatabaseInput={"Name": "sales_gold", "Parameters": {"owner": "old", "other": "1"}})
    raw = glue.get_database(Name="sales_gold")["Database"]
    before = seen(kind, REF)
    assert before.spec == {"parameters": {"owner": "old", "other": "1"}}
    kind.mark(REF, Marker("s", "a", "o"), before)
    put_seen = seen(kind, REF)
    assert put_seen.marker == Marker("s", "a", "o")
    spec = {"description": "ours", "parameters": {"owner": "new", "added": "2"}}
    kind.put(REF, "definition", want("sales_gold", **spec), put_seen)
    assert seen(kind, REF).spec == spec
    assert glue.get_database(Name="sales_gold")["Database"]["Parameters"]["other"] == "1"
    kind.put(REF, "definition", want("sales_gold", **put_seen.spec), seen(kind, REF))
    kind.mark(REF, None, seen(kind, REF))
    assert seen(kind, REF) == before
    assert glue.get_database(Name="sales_gold")["Database"] == raw


def test_a_note_that_somebody_spoilt_counts_as_none(cloud: Any, want: Callable[..., Want], seen: Read) -> None:
    kind = GlueDatabase(cloud.session)
    for note in ("{", "7", "[1]"):
        given = {"a": "b", "dpn_keys": note}
        cloud.session.glue().create_database(DatabaseInput={"Name": "sales_gold", "Parameters": given})
        found = seen(kind, REF)
        assert found.spec == {"parameters": {"a": "b"}}
        kind.delete(REF, found)


def test_tables_inside_vanish_with_the_database(cloud: Any, want: Callable[..., Want]) -> None:
    kind = GlueDatabase(cloud.session)
    kind.create(want("sales_gold"))
    cloud.session.glue().create_table(DatabaseName="sales_gold", TableInput={"Name": "orders"})
    assert kind.contents(REF) == [Inside("aws_glue_table", "orders", goes_with_it=True)]
