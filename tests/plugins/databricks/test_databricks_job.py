from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn import Marker, Observed, Ref, Want
from dpn.canonical import canonical
from dpn.offers import kind_info
from dpn_databricks import job_settings
from dpn_databricks.errors import classify
from dpn_databricks.job import Job

MARKER = Marker("lake--dev", "abcdefghijklmnop", "01jdyw0000000000000000000a")
CREATE, GET, LIST = "/api/2.2/jobs/create", "/api/2.2/jobs/get", "/api/2.2/jobs/list"
RESET, UPDATE, DELETE = "/api/2.2/jobs/reset", "/api/2.2/jobs/update", "/api/2.2/jobs/delete"
REF = Ref("databricks_job", "load", "7")
NOTEBOOK = {"notebook_task": {"notebook_path": "/load", "source": "WORKSPACE"}}
SCHEDULE = {"quartz_cron_expression": "0 30 6 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}
INFO = kind_info(Job, "databricks", "a test")
Read = Callable[[Any, Ref], Observed]


def job(name: str = "load", **settings: Any) -> dict[str, Any]:
    tags = {"tags": MARKER.tags(), **settings}
    return {"job_id": 7, "creator_user_name": "ada@example.com", "settings": {"name": name, **tags}}


def test_a_create_is_sent_once_with_the_marker_and_the_cluster_in_its_tasks(
    http: Any, session: Any, want: Callable[..., Want]
) -> None:
    from databricks.sdk.service.jobs import JobSettings

    http.on("POST", CREATE, {"job_id": 7})
    tasks = [
        {"task_key": "a", **NOTEBOOK},
        {"task_key": "b", **NOTEBOOK, "cluster": "other", "depends_on": ["a"]},
        {"task_key": "c", **NOTEBOOK, "cluster": "serverless"},
        {"task_key": "d", "sql_task": {"warehouse": "w", "query": {"query_id": "q"}}, "max_retries": 0},
        {"task_key": "e", "pipeline_task": {"pipeline": "p", "full_refresh": False}},
        {"task_key": "f", "run_job_task": {"job": "12"}},
        {"task_key": "g", **NOTEBOOK, "job_cluster_key": "small"},
        {"task_key": "h", "notebook_task": {**NOTEBOOK["notebook_task"], "warehouse": "w"}},
    ]
    clusters = [{"job_cluster_key": "small", "spark_version": "16", "policy": "p", "num_workers": 0}]
    asked = want("load", tasks=tasks, cluster="main", job_clusters=clusters, tags={"team": "data"})
    assert Job(session).create(asked) == REF
    [sent] = http.sent()
    assert sent.body["tags"] == {"team": "data", "dpn_cluster": "main", **MARKER.tags()}
    by_key = {task["task_key"]: task for task in sent.body["tasks"]}
    clusters_of = {key: task.get("existing_cluster_id") for key, task in by_key.items()}
    assert clusters_of == {**dict.fromkeys("cdefgh"), "a": "main", "b": "other"}
    assert by_key["b"]["depends_on"] == [{"task_key": "a"}]
    assert by_key["d"] == {"task_key": "d", "sql_task": {"warehouse_id": "w", "query": {"query_id": "q"}}}
    assert by_key["f"]["run_job_task"] == {"job_id": 12}
    assert by_key["h"]["notebook_task"]["warehouse_id"] == "w"
    new = dict(sent.body["job_clusters"][0]["new_cluster"])
    assert new.pop("apply_policy_default_values")
    assert new == {"spark_version": "16", "policy_id": "p", "num_workers": 0}
    assert JobSettings.from_dict(sent.body).as_dict() == sent.body


def test_a_reply_that_is_lost_is_not_asked_for_again(http: Any, session: Any, want: Callable[..., Want]) -> None:
    http.lose("POST", CREATE)
    with pytest.raises(Exception, match="Connection aborted") as lost:
        Job(session).create(want("load", tasks=[{"task_key": "a", **NOTEBOOK}]))
    assert classify(lost.value, "create").outcome == "unknown"
    assert len(http.writes()) == 1


def test_a_rename_is_sent_once_and_keeps_the_id(http: Any, session: Any) -> None:
    http.on("POST", UPDATE)
    assert Job(session).rename(REF, "new") == Ref("databricks_job", "new", "7")
    assert http.writes()[0].body == {"job_id": 7, "new_settings": {"name": "new"}}
    http.lose("POST", UPDATE)
    with pytest.raises(Exception, match="Connection aborted"):
        Job(session).rename(REF, "newer")
    assert len(http.writes()) == 2


def test_find_looks_at_every_job_of_exactly_this_name(http: Any, session: Any, want: Callable[..., Want]) -> None:
    found = [{"job_id": number, "settings": {"name": name}} for number, name in ((7, "load"), (8, "LOAD"))]
    http.on("GET", LIST, {"jobs": found}, query={"name": "load", "limit": "100"})
    http.on("GET", GET, job(), query={"job_id": "7"})
    [seen] = Job(session).find(want("load"))
    assert (seen.ref, seen.marker) == (REF, MARKER)


def test_a_job_deleted_between_list_and_get_is_not_found(http: Any, session: Any, want: Callable[..., Want]) -> None:
    http.on("GET", LIST, {"jobs": [{"job_id": 7, "settings": {"name": "load"}}]})
    http.fail("GET", GET, 400, "INVALID_PARAMETER_VALUE", "Job 7 does not exist.")
    assert Job(session).find(want("load")) == []


def test_pages_of_a_large_job_are_joined(http: Any, session: Any, seen: Read) -> None:
    tasks = [{"task_key": f"t{number}", **NOTEBOOK} for number in range(150)]
    first = {**job(tasks=tasks[:100]), "next_page_token": "more"}
    http.on("GET", GET, first, query={"job_id": "7"})
    http.on("GET", GET, job(tasks=tasks[100:]), query={"job_id": "7", "page_token": "more"})
    assert [task["task_key"] for task in seen(Job(session), REF).spec["tasks"]] == [t["task_key"] for t in tasks]


@pytest.mark.parametrize("ref", [Ref("databricks_job", "load"), Ref("databricks_job", "load", "load")])
def test_what_is_no_id_is_no_job(http: Any, session: Any, ref: Ref) -> None:
    assert Job(session).read(ref) is None
    assert http.sent() == []


def test_what_the_service_fills_in_is_no_difference(http: Any, session: Any, seen: Read) -> None:
    filled = {
        "task_key": "a",
        "run_if": "ALL_SUCCESS",
        "timeout_seconds": 0,
        "email_notifications": {},
        "webhook_notifications": {},
        **NOTEBOOK,
    }
    noise: dict[str, Any] = {
        "format": "MULTI_TASK",
        "email_notifications": {},
        "webhook_notifications": {},
        "timeout_seconds": 0,
    }
    http.on("GET", GET, job(tasks=[filled], queue={"enabled": True}, max_concurrent_runs=1, **noise))
    found = seen(Job(session), REF)
    wanted = canonical({"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/load"}}]}, INFO)
    assert {key: found.spec[key] for key in wanted} == wanted
    assert found.extra["tasks"] == {}
    assert found.extra["settings"] == {}


def test_sources_left_open_are_those_of_git_where_the_job_has_a_repository(http: Any, session: Any, seen: Read) -> None:
    git = {"git_url": "https://example.com/r.git", "git_provider": "gitHub", "git_branch": "main"}
    works: dict[str, Any] = {
        "notebook_task": {"notebook_path": "load"},
        "dbt_task": {"commands": ["dbt run"]},
        "sql_task": {"warehouse_id": "w", "file": {"path": "a.sql"}},
        "spark_python_task": {"python_file": "dbfs:/a.py"},
    }
    http.on("GET", GET, job(git_source=git, tasks=[{"task_key": work, work: said} for work, said in works.items()]))
    tasks = {task["task_key"]: task for task in seen(Job(session), REF).spec["tasks"]}
    assert tasks["notebook_task"]["notebook_task"]["source"] == tasks["dbt_task"]["dbt_task"]["source"] == "GIT"
    assert tasks["sql_task"]["sql_task"]["file"]["source"] == "GIT"
    assert tasks["spark_python_task"]["spark_python_task"]["source"] == "WORKSPACE"


def test_a_task_that_left_the_jobs_cluster_is_seen(http: Any, session: Any, seen: Read) -> None:
    tags = {**MARKER.tags(), "dpn_cluster": "main"}
    clusters: tuple[dict[str, Any], ...] = ({"existing_cluster_id": "main"}, {"existing_cluster_id": "x"}, {})
    tasks = [{"task_key": f"t{index}", **NOTEBOOK, **cluster} for index, cluster in enumerate(clusters)]
    http.on("GET", GET, job(tasks=tasks, tags=tags))
    found = seen(Job(session), REF)
    assert found.spec["cluster"] == "main"
    assert [task.get("cluster") for task in found.spec["tasks"]] == [None, "x", "serverless"]
    assert "tags" not in found.spec


def test_a_write_keeps_what_others_set_and_who_the_job_runs_as(
    http: Any, session: Any, seen: Read, want: Callable[..., Want]
) -> None:
    hooks = {"on_failure": [{"id": "hook"}]}
    task = {"task_key": "a", **NOTEBOOK, "webhook_notifications": hooks, "new_cluster": {"spark_version": "1"}}
    cluster = {"job_cluster_key": "k", "new_cluster": {"spark_version": "1", "docker_image": {"url": "u"}}}
    there = job(
        tasks=[task, {"task_key": "gone", "for_each_task": {"inputs": "[]", "task": task}}],
        job_clusters=[cluster],
        health={"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 9}]},
        run_as={"user_name": "bob@example.com"},
    )
    http.on("GET", GET, there)
    http.on("POST", RESET)
    kind = Job(session)
    new = {"job_cluster_key": "k", "spark_version": "2", "node_type_id": "n", "num_workers": 1}
    spec = {"tasks": [{"task_key": "a", **NOTEBOOK, "job_cluster_key": "k"}], "job_clusters": [new]}
    kind.put(REF, "settings", want("load", **spec), seen(kind, REF))
    sent = http.writes()[0].body["new_settings"]
    assert sent["health"] == there["settings"]["health"]
    assert sent["tasks"] == [{"task_key": "a", **NOTEBOOK, "job_cluster_key": "k", "webhook_notifications": hooks}]
    assert sent["job_clusters"][0]["new_cluster"]["docker_image"] == {"url": "u"}
    assert sent["tags"] == MARKER.tags()
    assert "run_as" not in sent


@pytest.mark.parametrize(
    ("asked", "sent"),
    [({"user_name": "eve@example.com"}, {"user_name": "eve@example.com"}), (None, {"user_name": "ada@example.com"})],
)
def test_who_a_job_runs_as_is_written_alone_and_falls_back_to_its_creator(
    http: Any, session: Any, seen: Read, want: Callable[..., Want], asked: Any, sent: Any
) -> None:
    http.on("GET", GET, job())
    http.on("POST", UPDATE)
    kind = Job(session)
    kind.put(REF, "run_as", want("load", run_as=asked), seen(kind, REF))
    assert http.writes()[0].body == {"job_id": 7, "new_settings": {"run_as": sent}}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("bob@example.com", {"user_name": "bob@example.com"}),
        (
            "4b2f0a3e-1c5d-4e6f-8a9b-0c1d2e3f4a5b",
            {"service_principal_name": "4b2f0a3e-1c5d-4e6f-8a9b-0c1d2e3f4a5b"},
        ),
    ],
)
def test_who_a_job_runs_as_is_known_by_name(http: Any, session: Any, seen: Read, name: str, shown: Any) -> None:
    http.on("GET", GET, {**job(), "run_as_user_name": name})
    assert seen(Job(session), REF).spec["run_as"] == shown


def test_taking_the_marker_off_removes_the_last_tag(http: Any, session: Any, seen: Read) -> None:
    http.on("GET", GET, job())
    http.on("POST", UPDATE)
    kind = Job(session)
    kind.mark(REF, None, seen(kind, REF))
    assert http.writes()[0].body == {"job_id": 7, "fields_to_remove": ["tags"]}


def test_an_absent_job_is_deleted_already(http: Any, session: Any) -> None:
    http.fail("POST", DELETE, 404, "RESOURCE_DOES_NOT_EXIST")
    Job(session).delete(REF, Observed(REF, {}))


# archive ------------------------------------------------------------------------------------------------------


class Store:
    """One job that takes resets and updates as the service does."""

    def __init__(self, http: Any, **settings: Any) -> None:
        self.job = job(**settings)
        http.answer("GET", GET, lambda _: (200, self.job))
        http.answer("POST", UPDATE, self._update)
        http.answer("POST", RESET, self._reset)

    def _update(self, sent: Any) -> tuple[int, Any]:
        for field in sent.body.get("fields_to_remove", []):
            del self.job["settings"][field]
        self.job["settings"] |= sent.body.get("new_settings", {})
        return 200, {}

    def _reset(self, sent: Any) -> tuple[int, Any]:
        self.job["settings"] = sent.body["new_settings"]
        return 200, {}


@pytest.mark.parametrize("state", ["PAUSED", "UNPAUSED"])
@pytest.mark.parametrize("field", ["schedule", "trigger", "continuous"])
def test_an_archived_job_is_paused_says_so_and_comes_back_as_it_was(
    http: Any, session: Any, seen: Read, field: str, state: str
) -> None:
    triggers: dict[str, dict[str, Any]] = {
        "schedule": SCHEDULE,
        "trigger": {"periodic": {"interval": 1, "unit": "DAYS"}},
        "continuous": {"task_retry_mode": "NEVER"},
    }
    store, kind = Store(http, **{field: {**triggers[field], "pause_status": state}}), Job(session)
    before, was = seen(kind, REF), store.job["settings"]
    kind.archive(REF)
    assert store.job["settings"][field]["pause_status"] == "PAUSED"
    archived = seen(kind, REF)
    assert (archived.status, archived.spec, archived.marker) == ("archived", before.spec, before.marker)
    kind.archive(REF)
    assert len(http.writes()) == 1
    kind.restore(REF)
    assert (store.job["settings"], seen(kind, REF)) == (was, before)
    kind.restore(REF)
    assert len(http.writes()) == 2


def test_a_job_that_nothing_triggers_is_only_tagged(http: Any, session: Any, seen: Read) -> None:
    store, kind = Store(http), Job(session)
    kind.archive(REF)
    assert http.writes()[0].body["new_settings"] == {"tags": {**MARKER.tags(), "dpn_archived": "none"}}
    assert seen(kind, REF).status == "archived"
    kind.restore(REF)
    assert store.job["settings"] == job()["settings"]


def test_triggers_that_only_others_set_are_paused_too(http: Any, session: Any) -> None:
    periodic = {"periodic": {"interval": 1, "unit": "DAYS"}}
    both = [{**periodic, "pause_status": "UNPAUSED"}, {**periodic, "pause_status": "PAUSED"}]
    store, kind = Store(http, triggers=both), Job(session)
    kind.archive(REF)
    assert [one["pause_status"] for one in store.job["settings"]["triggers"]] == ["PAUSED", "PAUSED"]
    assert store.job["settings"]["tags"]["dpn_archived"] == "unpaused-paused"
    kind.restore(REF)
    assert store.job["settings"]["triggers"] == both


def test_writing_an_archived_job_leaves_it_archived(
    http: Any, session: Any, seen: Read, want: Callable[..., Want]
) -> None:
    store, kind = Store(http, schedule=SCHEDULE), Job(session)
    kind.archive(REF)
    later = {**SCHEDULE, "quartz_cron_expression": "0 0 7 * * ?"}
    kind.put(REF, "settings", want("load", schedule=later), seen(kind, REF))
    assert store.job["settings"]["schedule"] == {**later, "pause_status": "PAUSED"}
    kind.restore(REF)
    assert (seen(kind, REF).spec["schedule"], seen(kind, REF).status) == (later, "ok")


# the way there and back -----------------------------------------------------------------------------------------

WORKS = st.sampled_from(
    [
        {"notebook_task": {"notebook_path": "/a", "base_parameters": {"x": ""}}},
        {"notebook_task": {"notebook_path": "/a", "warehouse": "w"}},
        {"spark_python_task": {"python_file": "/a.py", "source": "GIT"}},
        {"python_wheel_task": {"package_name": "a", "entry_point": "b"}},
        {"dbt_task": {"commands": ["dbt run"], "warehouse": "w"}},
        {"sql_task": {"warehouse": "w", "file": {"path": "/a.sql"}}},
        {"pipeline_task": {"pipeline": "p", "full_refresh": True}},
        {"run_job_task": {"job": "3"}},
        {"condition_task": {"op": "EQUAL_TO", "left": "1", "right": "2"}},
    ]
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "run_if": st.sampled_from(["ALL_SUCCESS", "ALL_DONE"]),
        "max_retries": st.integers(-1, 3),
        "timeout_seconds": st.sampled_from([0, 60]),
        "retry_on_timeout": st.booleans(),
        "depends_on": st.lists(st.sampled_from(["x", {"task_key": "y", "outcome": "false"}]), min_size=1, max_size=2),
    },
)
COMPUTES: Any = [{}, {"cluster": "c2"}, {"cluster": "serverless"}, {"job_cluster_key": "k"}, {"environment_key": "e"}]


@st.composite
def specs(draw: Any) -> dict[str, Any]:
    cluster = draw(st.sampled_from([None, "c1"]))
    tasks = []
    for index in range(draw(st.integers(1, 4))):
        work = draw(WORKS)
        runs = set(work) <= {"notebook_task", "spark_python_task", "python_wheel_task", "dbt_task"}
        needs = runs and "warehouse" not in work.get("notebook_task", {})
        may = [one for one in COMPUTES if cluster or one.get("cluster") != "serverless"] if needs else COMPUTES[:1]
        tasks.append({"task_key": f"t{index}", **work, **draw(OPTIONS), **draw(st.sampled_from(may))})
    more = st.fixed_dictionaries(
        {},
        optional={
            "queue": st.booleans(),
            "schedule": st.just({key: SCHEDULE[key] for key in ("quartz_cron_expression", "timezone_id")}),
            "parameters": st.just([{"name": "a", "default": ""}]),
            "tags": st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "v"]), max_size=2),
            "max_concurrent_runs": st.integers(0, 2),
            "git_source": st.just({"git_url": "u", "git_provider": "gitHub", "git_branch": "b"}),
        },
    )
    return {"tasks": tasks, **({"cluster": cluster} if cluster else {}), **draw(more)}


@given(specs())
def test_each_spec_reads_back_as_it_was_said(spec: dict[str, Any]) -> None:
    full = canonical(spec, INFO)
    sent = job_settings.to_api("load", Want("load", full, None, MARKER), {})
    back = canonical(job_settings.from_api(sent, {}), INFO, defaults=False)
    assert back == full
    assert not any(job_settings.others(sent)[key] for key in ("settings", "tasks", "job_clusters"))
