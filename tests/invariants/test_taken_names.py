"""Bucket names that somebody has already, over HTTP: found at plan time, all together, with as few looks as can be."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import boto3
import pytest

from dpn import DpnError, api
from dpn_sandbox.testing import Sandbox


def options(folder: Path, stack: str, *purposes: str) -> api.Options:
    """Write a blueprint with a bucket for each purpose, and give what `dpn plan FILE` gives."""
    file = folder / f"{stack}.json"
    buckets = {purpose: {"naming": {"purpose": purpose, "layer": "raw"}} for purpose in purposes}
    blueprint = {
        "version": "1", "stack": stack, "metadata": {"project": "acme", "environment": "dev", "region": "us-east-1"},
        "resources": {"aws_s3_bucket": buckets},
    }  # fmt: skip
    file.write_text(json.dumps(blueprint))
    return api.Options(file=file)


def name(purpose: str) -> str:
    return f"acme-{purpose}-raw-dev-use1"


def looks(cloud: Sandbox, since: int) -> Counter[str]:
    """Count the requests to S3 since then; none of them may write."""
    found = [request for request in cloud.requests()[since:] if request["service"] == "s3"]
    assert not [request for request in found if request["write"]]
    return Counter(request["operation"] for request in found)


def test_all_taken_names_are_told_together_before_anything_is_written(cloud: Sandbox, tmp_path: Path) -> None:
    api.apply(options(tmp_path, "other", "shared"))
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket=name("plain"))
    s3.close()
    cloud.plant(name("foreign"))
    since = len(cloud.requests())
    with pytest.raises(DpnError, match="nothing was changed") as caught:
        api.apply(options(tmp_path, "mine", "shared", "plain", "foreign", "free"))
    assert caught.value.exit_code == 1
    assert {problem.code for problem in caught.value.problems} == {"NAME-TAKEN"}
    assert {problem.address: problem.message for problem in caught.value.problems} == {
        "aws_s3_bucket.foreign": f"{name('foreign')} exists already and belongs to another account.",
        "aws_s3_bucket.plain": f"{name('plain')} exists already and belongs to your account; dpn did not make it.",
        "aws_s3_bucket.shared": f"{name('shared')} exists already and belongs to stack other.dev.",
    }
    assert looks(cloud, since)["HeadBucket"] == 7  # one for each name, and one more for each that is taken


def test_a_free_name_costs_one_look_and_a_recorded_one_is_not_asked_for(cloud: Sandbox, tmp_path: Path) -> None:
    wanted = options(tmp_path, "mine", *(f"p{number}" for number in range(12)))
    assert api.plan(wanted).plan.problems == ()
    assert looks(cloud, 0) == {"HeadBucket": 12}
    api.apply(wanted)
    since = len(cloud.requests())
    assert api.is_empty(api.plan(wanted).plan)
    assert looks(cloud, since)["HeadBucket"] == 12


def test_a_name_that_is_taken_after_the_plan_ends_the_run_before_the_create(cloud: Sandbox, tmp_path: Path) -> None:
    def agree(_: api.Planned) -> bool:
        cloud.plant(name("late"))
        return True

    result = api.apply(options(tmp_path, "mine", "late"), confirm=agree).result
    assert result
    assert result.outcome == "rolled_back"
    assert "belongs to another AWS account" in str(result)
    assert looks(cloud, 0)["HeadBucket"] == 2


def test_without_the_right_to_list_buckets_the_name_still_counts_as_taken(cloud: Sandbox, tmp_path: Path) -> None:
    cloud.plant(name("foreign"))
    match = {"operation": "ListBuckets"}
    cloud.faults([{"kind": "error", "match": match, "status": 403, "code": "AccessDenied", "times": 0}])
    with pytest.raises(DpnError) as caught:
        api.plan(options(tmp_path, "mine", "foreign", "free"))
    [problem] = caught.value.problems
    assert (problem.code, problem.address) == ("NAME-TAKEN", "aws_s3_bucket.foreign")
    assert "these credentials do not reach it" in problem.message


def test_a_redirect_to_nowhere_is_followed_no_further(cloud: Sandbox, tmp_path: Path) -> None:
    match = {"operation": "HeadBucket"}
    cloud.faults([{"kind": "error", "match": match, "status": 301, "code": "PermanentRedirect", "times": 0}])
    with pytest.raises(DpnError) as caught:
        api.plan(options(tmp_path, "mine", "astray"))
    assert [problem.code for problem in caught.value.problems] == ["NAME-TAKEN"]
    assert looks(cloud, 0)["HeadBucket"] == 2
