"""Whatever is asked in whatever order: what is refused has changed nothing, and the same requests give the same."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dpn_sandbox.databricks.compute import HANDLERS, begin
from dpn_sandbox.databricks.workspace import ApiCall, ApiError, Workspace

NAMES = st.sampled_from(["a", "b", "", "x" * 300])
NUMBERS = st.sampled_from([-1, 0, 1, 7, 50, 5000, None])
TASKS = st.lists(
    st.fixed_dictionaries(
        {"task_key": NAMES, "notebook_task": st.just({})},
        optional={"depends_on": st.lists(st.fixed_dictionaries({"task_key": NAMES}), max_size=2)},
    ),
    max_size=3,
)
SOUND: dict[str, Any] = {
    "name": "a",
    "instance_pool_name": "a",
    "scope": "a",
    "key": "k",
    "principal": "team",
    "permission": "READ",
    "string_value": "v",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 1,
    "cluster_size": "Small",
    "definition": "{}",
    "allow_duplicate_names": True,
    "new_settings": {},
}
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "instance_pool_name": NAMES,
        "scope": NAMES,
        "key": NAMES,
        "permission": st.sampled_from(["WRITE", "OWN"]),
        "spark_version": st.sampled_from(["new", None]),
        "node_type_id": st.sampled_from(["fail.large", "no.such", None]),
        "num_workers": NUMBERS,
        "idempotency_token": NAMES,
        "cluster_size": st.just("Huge"),
        "auto_stop_mins": NUMBERS,
        "definition": st.sampled_from(["{", None]),
        "allow_duplicate_names": st.just(False),
        "tasks": TASKS,
        "new_settings": st.fixed_dictionaries({}, optional={"name": NAMES, "tasks": TASKS}),
        "fields_to_remove": st.lists(st.sampled_from(["name", "tasks/a", "schedule/b"]), max_size=2),
        "expected_last_modified": NUMBERS,
        "catalog": NAMES,
        "storage": NAMES,
    },
)
# Most requests are sound but for one or two fields: what is wrong in every field is refused by the first check.
FEW = CHANGES.map(lambda changes: dict(list(changes.items())[:2]))
FRESH = st.integers(0, 9).map(lambda n: dict.fromkeys(("name", "instance_pool_name", "scope"), f"n{n}"))
BODIES = st.builds(lambda *parts: {**SOUND, **parts[0], **parts[1]}, FRESH | st.just({}), FEW | st.just({}))
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "page_token": st.sampled_from(["0", "1", "x"]),
        "page_size": st.sampled_from(["0", "1", "-1"]),
        "limit": st.sampled_from(["1", "0"]),
        "filter": st.sampled_from(["name LIKE 'a%'", "no"]),
        "scope": NAMES,
    },
)
HANDLES = {
    "cluster_id": "clusters",
    "job_id": "jobs",
    "instance_pool_id": "pools",
    "policy_id": "policies",
    "pipeline_id": "pipelines",
    "id": "warehouses",
}
CREATES = sorted(operation for operation in HANDLERS if operation.endswith((".create", ".create_scope")))
OPERATIONS = st.one_of(st.sampled_from(CREATES), st.sampled_from(sorted(HANDLERS)))
STEPS = st.lists(st.tuples(OPERATIONS, BODIES, QUERIES, st.integers(0, 3)), min_size=5, max_size=40)


class Clock:
    def __init__(self) -> None:
        self.ids = self.time = 0

    def new_id(self, digits: int) -> str:
        self.ids += 1
        return f"{self.ids:0{digits}x}"[-digits:]

    def now(self) -> int:
        self.time += 7
        return self.time


def asked(workspace: Workspace, operation: str, body: dict[str, Any], query: dict[str, str], pick: int) -> ApiCall:
    """Make the request speak of something that is there, where there is something."""
    handles = {}
    for handle, collection in HANDLES.items():
        if operation in CREATES or (operation == "Clusters.edit" and handle != "cluster_id"):
            continue
        keys = list(workspace.collections.get(collection, {})) or ["7"]
        handles[handle] = keys[pick % len(keys)]
    named = {"scope": "a", "principal": "team", **query, **handles}
    return ApiCall(operation, path=handles, query=named, body={**body, **handles})


def run(steps: list[tuple[str, dict[str, Any], dict[str, str], int]]) -> tuple[list[Any], dict[str, Any]]:
    clock = Clock()
    workspace = Workspace(clock.new_id, clock.now)
    begin(workspace)
    for operation in CREATES:
        HANDLERS[operation](workspace, ApiCall(operation, body=SOUND))
    answers: list[Any] = []
    for operation, body, query, pick in steps:
        before, moves = deepcopy(filled(workspace)), workspace.moves
        call = asked(workspace, operation, body, query, pick)
        sent = deepcopy(call)
        try:
            answers.append(deepcopy(HANDLERS[operation](workspace, call)))
        except ApiError as error:
            answers.append((error.status, error.code, error.message))
            assert (filled(workspace), workspace.moves) == (before, moves), operation
        assert call == sent, operation
    return answers, filled(workspace)


def filled(workspace: Workspace) -> dict[str, Any]:
    return {name: rows for name, rows in workspace.collections.items() if rows}


@given(STEPS)
def test_what_is_refused_changes_nothing_and_a_replay_gives_the_same(steps: Any) -> None:
    assert run(steps) == run(steps)
