from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn import Inside, Marker, Observed, Ref, Want
from dpn_databricks.errors import classify
from dpn_databricks.pipeline import Pipeline

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
ALL, ONE = "/api/2.0/pipelines", "/api/2.0/pipelines/p1"
REF = Ref("databricks_pipeline", "flow", "p1")
Read = Callable[[Any, Ref], Observed]


def pipeline(name: str = "flow", **spec: Any) -> dict[str, Any]:
    return {
        "pipeline_id": "p1",
        "name": name,
        "creator_user_name": "ada@example.com",
        "run_as_user_name": "bob@example.com",
        "last_modified": 17,
        "spec": {"id": "p1", "name": name, "tags": MARKER.tags(), **spec},
    }


def test_a_create_is_sent_once_and_never_waives_that_names_are_unique(
    http: Any, session: Any, want: Callable[..., Want]
) -> None:
    from databricks.sdk.service.pipelines import PipelineSpec

    http.on("POST", ALL, {"pipeline_id": "p1"})
    clusters = [{"label": "default", "policy": "c", "autoscale": {"min_workers": 1, "max_workers": 2}}]
    spec = {"catalog": "main", "schema": "sales", "clusters": clusters, "photon": False, "edition": "ADVANCED"}
    assert Pipeline(session).create(want("flow", tags={"team": "a"}, **spec)) == REF
    [sent] = http.sent()
    scale = {"min_workers": 1, "max_workers": 2}
    assert sent.body == {
        "name": "flow",
        "catalog": "main",
        "schema": "sales",
        "clusters": [{"label": "default", "policy_id": "c", "autoscale": scale}],
        "tags": {"team": "a", **MARKER.tags()},
    }
    assert PipelineSpec.from_dict(sent.body).as_dict() == sent.body


def test_a_reply_that_is_lost_is_not_asked_for_again(http: Any, session: Any, want: Callable[..., Want]) -> None:
    http.lose("POST", ALL)
    with pytest.raises(Exception, match="Connection aborted") as lost:
        Pipeline(session).create(want("flow"))
    assert classify(lost.value, "create").outcome == "unknown"
    assert len(http.writes()) == 1


@pytest.mark.parametrize(
    ("part", "runs_as"),
    [("settings", {"user_name": "bob@example.com"}), ("run_as", {"user_name": "ada@example.com"})],
)
def test_a_write_is_locked_and_keeps_what_others_set(
    http: Any, session: Any, seen: Read, want: Callable[..., Want], part: str, runs_as: Any
) -> None:
    cluster = {"label": "default", "num_workers": 1, "ssh_public_keys": ["k"]}
    http.on("GET", ONE, pipeline(storage="dbfs:/p", clusters=[cluster], budget_policy_id="b", trigger={}))
    http.on("PUT", ONE)
    kind = Pipeline(session)
    kind.put(REF, part, want("flow", clusters=[{"label": "default", "num_workers": 1}]), seen(kind, REF))
    body = http.writes()[0].body
    assert body["expected_last_modified"] == 17
    assert (body["storage"], body["budget_policy_id"]) == ("dbfs:/p", "b")
    assert body["clusters"] == [cluster]
    assert (body["tags"], body["name"]) == (MARKER.tags(), "flow")
    assert body["run_as"] == runs_as
    assert "allow_duplicate_names" not in body


def test_a_rename_is_a_locked_write_that_is_sent_once(http: Any, session: Any) -> None:
    http.on("GET", ONE, pipeline(catalog="main", continuous=True))
    http.lose("PUT", ONE)
    with pytest.raises(Exception, match="Connection aborted"):
        Pipeline(session).rename(REF, "new")
    [sent] = http.writes()
    assert (sent.body["name"], sent.body["catalog"], sent.body["continuous"]) == ("new", "main", True)
    assert (sent.body["expected_last_modified"], sent.body["tags"]) == (17, MARKER.tags())


@pytest.mark.parametrize(("name", "query"), [("flow", {"filter": "name LIKE 'flow'"}), ("o'flow", {})])
def test_a_name_is_looked_for_and_compared_exactly(http: Any, session: Any, name: str, query: Any) -> None:
    states = [{"pipeline_id": "p2", "name": f"{name}x"}, {"pipeline_id": "p1", "name": name}]
    http.on("GET", ALL, {"statuses": states}, query={"max_results": "100", **query})
    http.on("GET", ONE, pipeline(name))
    found = Pipeline(session).read(Ref("databricks_pipeline", name))
    assert found
    assert found.ref.id == "p1"


def test_a_pipeline_that_has_another_name_by_now_is_still_the_same(http: Any, session: Any) -> None:
    http.on("GET", ONE, pipeline("other"))
    seen = Pipeline(session).read(REF)
    assert seen
    assert (seen.ref.name != REF.name, seen.ref.id) == (True, REF.id)


def test_its_tables_vanish_with_a_pipeline(http: Any, session: Any) -> None:
    http.on("GET", ONE, pipeline(catalog="main", schema="sales"))
    tables = [{"full_name": "main.sales.ours", "pipeline_id": "p1"}, {"full_name": "main.sales.other"}]
    http.on("GET", "/api/2.1/unity-catalog/tables", {"tables": tables})
    assert Pipeline(session).contents(REF) == [Inside("databricks_table", "main.sales.ours", goes_with_it=True)]


def test_a_pipeline_without_a_place_in_unity_catalog_holds_nothing_that_is_known(http: Any, session: Any) -> None:
    http.on("GET", ONE, pipeline(catalog="main", schema="gone"))
    http.fail("GET", "/api/2.1/unity-catalog/tables", 404, "SCHEMA_DOES_NOT_EXIST")
    assert Pipeline(session).contents(REF) == []
    http.fail("GET", "/api/2.0/pipelines/p9", 404, "RESOURCE_DOES_NOT_EXIST")
    assert Pipeline(session).contents(Ref("databricks_pipeline", "flow", "p9")) == []


def test_an_absent_pipeline_is_deleted_already(http: Any, session: Any) -> None:
    http.fail("DELETE", ONE, 404, "RESOURCE_DOES_NOT_EXIST")
    Pipeline(session).delete(REF, Observed(REF, {}))
