"""For every example that needs AWS only: apply, plan empty, apply again, fail at each step, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dpn import DpnError, api
from dpn_sandbox.testing import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
QUICKSTART = EXAMPLES / "quickstart" / "blueprint.json"
DENIED = {"kind": "error", "code": "AccessDenied", "status": 403, "message": "no", "times": 0}


def options() -> api.Options:
    """Give what `dpn apply FILE` gives."""
    return api.Options(file=QUICKSTART)


def writes(cloud: Sandbox) -> list[dict[str, Any]]:
    """Give the requests that write."""
    return [request for request in cloud.requests() if request["write"]]


def records() -> dict[str, Any]:
    """Give the records of the quickstart's stack."""
    return api.records(options())[0]


@pytest.mark.usefixtures("cloud")
def test_apply_makes_what_the_blueprint_says_and_the_plan_after_it_is_empty(cloud: Sandbox) -> None:
    applied = api.apply(options())
    assert applied.result
    assert applied.result.outcome == "done"
    there = cloud.objects()
    assert sorted(there["buckets"]) == [f"platform-lake-{layer}-dev-use1" for layer in ("bronze", "gold", "silver")]
    assert sorted(there["databases"]) == ["platform_sales_gold_dev", "platform_sales_silver_dev"]
    assert len(there["tables"]) == 3
    assert all(tags["dpn_stack"] == "quickstart--dev" for tags in there["buckets"].values())
    assert api.is_empty(api.plan(options()).plan)
    before = len(writes(cloud))
    assert api.apply(options()).result is None
    assert len(writes(cloud)) == before
    assert [seen.exists for seen in api.read(options())[0]] == [True] * 8


def test_delete_leaves_nothing_and_can_be_repeated(cloud: Sandbox) -> None:
    api.apply(options())
    deleted = api.delete(options())
    assert deleted.result
    assert deleted.result.outcome == "done"
    assert cloud.objects() == {"buckets": {}, "databases": {}, "tables": {}}
    assert records() == {}
    assert api.delete(options()).result is None


@pytest.mark.parametrize("step", range(17))
def test_a_failure_at_any_step_undoes_all_that_was_done(cloud: Sandbox, step: int) -> None:
    cloud.faults([{**DENIED, "match": {"write": True}, "skip": step, "times": 1}])
    applied = api.apply(options())
    assert applied.result
    assert applied.result.outcome == "rolled_back"
    assert applied.result.failure
    assert applied.result.failure.code == "AccessDenied"
    assert cloud.objects() == {"buckets": {}, "databases": {}, "tables": {}}
    assert records() == {}


def test_the_quickstart_has_as_many_writes_as_steps_were_failed(cloud: Sandbox) -> None:
    api.apply(options())
    assert len(writes(cloud)) == 17


@pytest.mark.parametrize("operation", ["CreateBucket", "CreateDatabase", "CreateTable"])
def test_a_create_whose_reply_is_lost_is_sent_once_and_found(cloud: Sandbox, operation: str) -> None:
    cloud.faults([{"kind": "lost_reply", "match": {"operation": operation}, "times": 0}])
    applied = api.apply(options())
    assert applied.result
    assert applied.result.outcome == "done"
    sent = [request["name"] for request in writes(cloud) if request["operation"] == operation]
    assert len(sent) == len(set(sent)) > 1
    cloud.faults([])
    assert api.is_empty(api.plan(options()).plan)


def test_a_bucket_of_somebody_else_is_found_before_the_first_write(cloud: Sandbox) -> None:
    cloud.plant("platform-lake-gold-dev-use1")
    with pytest.raises(DpnError) as caught:
        api.apply(options())
    assert caught.value.exit_code == 1
    assert [problem.address for problem in caught.value.problems] == ["aws_s3_bucket.lake[gold]"]
    assert writes(cloud) == []
