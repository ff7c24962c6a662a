from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dpn_sandbox.databricks.workspace import ApiError

Refusal = Callable[..., tuple[int, str]]
CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}
BAD = (400, "INVALID_PARAMETER_VALUE")


def task(key: str, *needs: str, **more: Any) -> dict[str, Any]:
    depends = {"depends_on": [{"task_key": need} for need in needs]} if needs else {}
    return {"task_key": key, "notebook_task": {"notebook_path": "/a"}, **depends, **more}


def create(desk: Any, **settings: Any) -> int:
    return int(desk.send("Jobs.create", **settings)["job_id"])


def settings_of(desk: Any, job_id: int) -> dict[str, Any]:
    return dict(desk.ask("Jobs.get", job_id=str(job_id))["settings"])


def test_a_job_is_filled_in_as_the_service_does(desk: Any) -> None:
    job_id = create(
        desk, name="etl", tasks=[task("a")], schedule={"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}
    )
    settings = settings_of(desk, job_id)
    assert (settings["format"], settings["max_concurrent_runs"], settings["timeout_seconds"]) == ("MULTI_TASK", 1, 0)
    assert settings["email_notifications"] == settings["webhook_notifications"] == {}
    assert settings["schedule"]["pause_status"] == "UNPAUSED"
    (only,) = settings["tasks"]
    assert (only["run_if"], only["email_notifications"]) == ("ALL_SUCCESS", {})
    reply = desk.ask("Jobs.get", job_id=str(job_id))
    assert reply["run_as_user_name"] == reply["creator_user_name"] == "sandbox@example.com"


def test_names_of_jobs_are_not_unique(desk: Any) -> None:
    assert create(desk, name="etl") != create(desk, name="etl")


@pytest.mark.parametrize(
    "settings",
    [
        {"tasks": [task("a"), task("a")]},
        {"tasks": [task("a", "b")]},
        {"tasks": [task("a", "a")]},
        {"tasks": [task("a", "b"), task("b", "c"), task("c", "a"), task("d")]},
        {"tasks": [task(f"t{n}") for n in range(1001)]},
        {"tasks": [task("a b")]},
        {"tasks": [{"task_key": "a"}]},
        {"tasks": [task("a", sql_task={})]},
        {"tasks": [task("a", run_if="NEVER")]},
        {"tasks": [task("a", existing_cluster_id="1-2-3")]},
        {"tasks": [task("a", job_cluster_key="main")]},
        {"tasks": [task("a", new_cluster={**CLUSTER, "node_type_id": "no.such"})]},
        {"tasks": [task("a", new_cluster=CLUSTER, existing_cluster_id="1-2-3")]},
        {"job_clusters": [{"job_cluster_key": "main", "new_cluster": CLUSTER}]},
        {
            "tasks": [task("a")],
            "job_clusters": [{"job_cluster_key": "m", "new_cluster": {**CLUSTER, "num_workers": -1}}],
        },
        {"tags": {str(n): "" for n in range(26)}},
        {"name": "é" * 2049},
        {"max_concurrent_runs": 1001},
        {"schedule": {"quartz_cron_expression": "0 6 * * *", "timezone_id": "UTC"}},
        {"schedule": {"quartz_cron_expression": "0 0 6 * * *", "timezone_id": "UTC"}},
        {"schedule": {"quartz_cron_expression": "0 0 6 * * ?"}},
        {"schedule": {"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}, "continuous": {}},
        {"continuous": {"pause_status": "LATER"}},
    ],
)
def test_a_job_that_cannot_be_is_refused(desk: Any, refusal: Refusal, settings: dict[str, Any]) -> None:
    assert refusal(create, desk, **settings) == BAD
    assert not desk.workspace.of("jobs")


def test_tasks_run_on_clusters_that_are_there(desk: Any) -> None:
    tasks = [task("a", existing_cluster_id=desk.cluster()), task("b", "a", job_cluster_key="main")]
    shared = [{"job_cluster_key": "main", "new_cluster": CLUSTER}]
    assert create(desk, tasks=tasks, job_clusters=shared)


def test_a_missing_job_is_a_bad_value_to_get_and_absent_to_the_rest(desk: Any, refusal: Refusal) -> None:
    with pytest.raises(ApiError, match=r"Job 7 does not exist") as caught:
        desk.ask("Jobs.get", job_id="7")
    assert (caught.value.status, caught.value.code) == BAD
    for operation in ("Jobs.reset", "Jobs.update", "Jobs.delete"):
        assert refusal(desk.send, operation, job_id=7, new_settings={}) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_get_gives_arrays_by_the_hundred(desk: Any) -> None:
    job_id = create(desk, tasks=[task(f"t{n}") for n in range(250)], parameters=[{"name": "p", "default": "1"}])
    keys: list[str] = []
    query = {"job_id": str(job_id)}
    for expected in (100, 100, 50):
        reply = desk.ask("Jobs.get", **query)
        assert len(reply["settings"]["tasks"]) == expected
        assert ("parameters" in reply["settings"]) == (not keys)
        keys += [one["task_key"] for one in reply["settings"]["tasks"]]
        query["page_token"] = reply.get("next_page_token", "")
    assert keys == [f"t{n}" for n in range(250)]
    assert query["page_token"] == ""


def test_a_list_is_newest_first_and_paged(desk: Any, refusal: Refusal) -> None:
    made = [create(desk, name=f"j{n}", tasks=[task("a")]) for n in range(25)]
    first = desk.ask("Jobs.list")
    second = desk.ask("Jobs.list", page_token=first["next_page_token"])
    assert [row["job_id"] for row in first["jobs"] + second["jobs"]] == made[::-1]
    assert (first["has_more"], second["has_more"], "next_page_token" in second) == (True, False, False)
    assert "tasks" not in first["jobs"][0]["settings"]
    assert "tasks" in desk.ask("Jobs.list", expand_tasks="true")["jobs"][0]["settings"]
    for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"page_token": "-1"}):
        assert refusal(desk.ask, "Jobs.list", **query) == BAD


def test_a_list_by_name_is_exact_but_for_case(desk: Any) -> None:
    job_id = create(desk, name="Daily ETL")
    create(desk, name="Daily ETL 2")
    assert [row["job_id"] for row in desk.ask("Jobs.list", name="daily etl")["jobs"]] == [job_id]
    assert "jobs" not in desk.ask("Jobs.list", name="daily")


def test_a_reset_replaces_all_but_who_it_runs_as(desk: Any) -> None:
    run_as = {"service_principal_name": "etl"}
    job_id = create(desk, name="a", tasks=[task("a")], tags={"x": "y"}, run_as=run_as)
    desk.send("Jobs.reset", job_id=job_id, new_settings={"name": "b"})
    settings = settings_of(desk, job_id)
    assert (settings["name"], settings["run_as"], "tasks" in settings, "tags" in settings) == (
        "b",
        run_as,
        False,
        False,
    )
    assert desk.ask("Jobs.get", job_id=str(job_id))["run_as_user_name"] == "etl"


def test_an_update_merges_arrays_by_key_and_removes_fields(desk: Any, refusal: Refusal) -> None:
    job_id = create(desk, name="a", tasks=[task("a"), task("b"), task("c")], tags={"x": "y"})
    changes = {"tasks": [task("b", description="new"), task("d")], "max_concurrent_runs": 2}
    desk.send("Jobs.update", job_id=job_id, new_settings=changes, fields_to_remove=["tags", "tasks/a"])
    settings = settings_of(desk, job_id)
    assert [one["task_key"] for one in settings["tasks"]] == ["b", "c", "d"]
    assert (settings["tasks"][0]["description"], settings["max_concurrent_runs"]) == ("new", 2)
    assert "tags" not in settings
    assert refusal(desk.send, "Jobs.update", job_id=job_id, fields_to_remove=["schedule/pause_status"]) == BAD
    broken = {"tasks": [task("d", "nowhere")]}
    assert refusal(desk.send, "Jobs.update", job_id=job_id, new_settings=broken) == BAD
    assert settings_of(desk, job_id) == settings


def test_a_delete_is_for_good(desk: Any, refusal: Refusal) -> None:
    job_id = create(desk)
    desk.send("Jobs.delete", job_id=job_id)
    assert refusal(desk.send, "Jobs.delete", job_id=job_id) == (404, "RESOURCE_DOES_NOT_EXIST")
