"""What holds for the plugin and all its kinds: cheap import, sound schemas, names, regions, the published policy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import dpn_aws
from dpn import Kind, Marker, Observed, Problem, Ref, Want
from dpn.model import Resource
from dpn.predicates import predicate
from dpn_aws import lifecycle
from dpn_aws.bucket import Bucket
from dpn_aws.glue_database import GlueDatabase
from dpn_aws.glue_table import GlueTable
from dpn_aws.glue_table_schema import TYPE_PATTERN
from dpn_aws.regions import REGION_CODES
from dpn_aws.validate import balanced, check

KINDS: list[type[Kind]] = [Bucket, GlueDatabase, GlueTable]
README = Path(dpn_aws.__file__).parents[2] / "README.md"


def test_importing_the_plugin_imports_no_sdk() -> None:
    code = (
        "import sys, dpn_aws; print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'jsonschema')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_provider_offers_its_kinds() -> None:
    (provider,) = dpn_aws.dpn_providers()
    assert provider.name == "aws"
    provisioned = [kind.kind for kind in provider.kinds if issubclass(kind, Kind)]
    assert provisioned == ["aws_s3_bucket", "aws_glue_database", "aws_glue_table"]
    assert {"aws_iam_role", "aws_sqs_queue"} <= {kind.kind for kind in provider.kinds}


# names ----------------------------------------------------------------------------------------------------------


def test_glue_folds_names() -> None:
    assert GlueTable.name_rule.canonical("Fact_Orders") == "fact_orders"
    assert Bucket.name_rule.canonical("Fact") == "Fact"


# regions --------------------------------------------------------------------------------------------------------


def test_every_region_that_boto3_knows_has_a_code_of_its_own() -> None:
    session = boto3.Session()
    known = {name for part in session.get_available_partitions() for name in session.get_available_regions("s3", part)}
    assert {name for name in known if "global" not in name} <= set(REGION_CODES)
    assert len(set(REGION_CODES.values())) == len(REGION_CODES) == 46


# schemas --------------------------------------------------------------------------------------------------------


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if schema.get("type") == "object":
        yield schema
    for inner in schema.get("properties", {}).values():
        yield from objects(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from objects(schema[key])


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_closed_described_and_fast(kind: type[Kind]) -> None:
    Draft202012Validator.check_schema(kind.schema)
    for level in objects(kind.schema):
        assert "additionalProperties" in level
        assert level["additionalProperties"] is not True
        for name, field in level.get("properties", {}).items():
            assert field.get("description"), name
            assert field["description"].endswith("."), name
    assert predicate(kind.schema), "jsonschema would have to be imported for every plan"


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_one_place(kind: type[Kind]) -> None:
    places = [field for part in kind.parts for field in part.fields]
    places += [*kind.immutable, *kind.computed, *([kind.parent] if kind.parent else [])]
    assert sorted(places) == sorted(kind.schema["properties"])


BAD: list[tuple[type[Kind], dict[str, Any]]] = [
    (Bucket, {"bucket": "x"}),
    (Bucket, {"tags": {"aws:x": "y"}}),
    (Bucket, {"tags": {"AWS:x": "y"}}),
    (Bucket, {"tags": {"dpn_op": "y"}}),
    (Bucket, {"tags": {"a,b": "y"}}),
    (Bucket, {"tags": {"a": "b,c"}}),
    (Bucket, {"tags": {"a\n": "b"}}),
    (GlueDatabase, {"parameters": {"a\n": "b"}}),
    (Bucket, {"tags": {"k" * 129: ""}}),
    (Bucket, {"tags": {"": "b"}}),
    (Bucket, {"tags": {"k": "v" * 257}}),
    (Bucket, {"tags": {f"k{n}": "" for n in range(48)}}),
    (Bucket, {"encryption": {}}),
    (Bucket, {"encryption": {"algorithm": "none"}}),
    (Bucket, {"lifecycle": [{"expire_days": 3}]}),
    (Bucket, {"lifecycle": [{"id": "x", "raw": {}}]}),
    (Bucket, {"public_access_block": {"block_public_acls": True}}),
    (GlueDatabase, {"location_uri": "/tmp"}),
    (GlueDatabase, {"parameters": {"dpn_keys": "[]"}}),
    (GlueDatabase, {"parameters": {"a": 1}}),
    (GlueTable, {}),
    (GlueTable, {"database": "d", "location": "s3://bucket"}),
    (GlueTable, {"database": "d", "columns": []}),
    (GlueTable, {"database": "d", "columns": [{"name": "Upper", "type": "int"}]}),
    (GlueTable, {"database": "d", "columns": [{"name": "a", "type": "INT"}]}),
    (GlueTable, {"database": "d", "columns": [{"name": "a", "type": "text"}]}),
    (GlueTable, {"database": "d", "columns": [{"name": "a", "type": "array"}]}),
    (GlueTable, {"database": "d", "columns": [{"name": "a", "type": "int\n"}]}),
    (GlueTable, {"database": "d", "format": "xml"}),
]
GOOD: list[tuple[type[Kind], dict[str, Any]]] = [
    (Bucket, {}),
    (Bucket, {"tags": {"Team: A/B": "größe + 1 @home", "k" * 128: "v" * 256, "empty": ""}}),
    (Bucket, {"encryption": {"algorithm": "aws:kms", "bucket_key": True}}),
    (GlueDatabase, {}),
    (GlueTable, {"database": "d", "location": "s3://${aws_s3_bucket.lake[gold]}/orders/"}),
    (
        GlueTable,
        {"database": "d", "columns": [{"name": "1st", "type": "decimal(38,10)"}, {"name": "b", "type": "char(3)"}]},
    ),
]


@pytest.mark.parametrize(("kind", "spec"), BAD)
def test_specs_that_are_refused(kind: type[Kind], spec: dict[str, Any]) -> None:
    assert not Draft202012Validator(kind.schema).is_valid(spec)


@pytest.mark.parametrize(("kind", "spec"), GOOD)
def test_specs_that_are_accepted(kind: type[Kind], spec: dict[str, Any]) -> None:
    assert Draft202012Validator(kind.schema).is_valid(spec)


def test_defaults_are_the_safe_ones() -> None:
    fields = Bucket.schema["properties"]
    assert {name: field["default"] for name, field in fields.items() if "default" in field} == {
        "public_access_block": True,
        "encryption": {"algorithm": "AES256"},
        "ownership": "BucketOwnerEnforced",
        "versioning": False,
    }


@pytest.mark.parametrize("text", ["array<" * 20000, "struct<" + "a:int," * 20000, "decimal(" + "9" * 100000])
def test_a_hostile_type_costs_linear_time(text: str) -> None:
    start = time.process_time()
    assert not re.search(TYPE_PATTERN, text)
    assert time.process_time() - start < 0.5


# lifecycle ------------------------------------------------------------------------------------------------------

days = st.integers(1, 4000)
moves = st.fixed_dictionaries(
    {"days": st.integers(0, 4000), "storage_class": st.sampled_from(["GLACIER", "STANDARD_IA"])}
)
rules = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=9)},
    optional={
        "prefix": st.text(min_size=1, max_size=9),
        "expire_days": days,
        "transitions": st.lists(moves, min_size=1, max_size=3),
        "abort_multipart_days": days,
        "noncurrent_expire_days": days,
    },
)


@given(rules)
def test_a_rule_reads_as_it_was_written(rule: dict[str, Any]) -> None:
    assert lifecycle.from_api(lifecycle.to_api(rule)) == rule


@pytest.mark.parametrize(
    "api",
    [
        {"ID": "x", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}},
        {"ID": "x", "Status": "Enabled", "Filter": {"Tag": {"Key": "a", "Value": "b"}}, "Expiration": {"Days": 1}},
        {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        {
            "ID": "x",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 3},
        },
    ],
)
def test_a_rule_of_others_is_kept_whole(api: dict[str, Any]) -> None:
    rule = lifecycle.from_api(api)
    assert rule == {"id": "x", "raw": api}
    assert lifecycle.to_api(rule) == api


def test_an_old_prefix_and_an_empty_filter_read_as_the_new_ones() -> None:
    old = {"ID": "x", "Status": "Enabled", "Prefix": "tmp/", "Expiration": {"Days": 1}}
    assert lifecycle.from_api(old) == {"id": "x", "prefix": "tmp/", "expire_days": 1}
    bare = {"ID": "x", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    assert lifecycle.from_api(bare) == {"id": "x", "expire_days": 1}


# validation -----------------------------------------------------------------------------------------------------


def problems(kind: str, **spec: Any) -> list[Problem]:
    return list(dpn_aws.dpn_validate((Resource(f"{kind}.x", kind, "x", spec, "aws"),)))


def test_names_that_stand_twice() -> None:
    column = {"name": "a", "type": "int"}
    (problem,) = problems("aws_glue_table", columns=[column], partition_keys=[column])
    assert (problem.code, problem.address, problem.field) == ("AWS-TWICE", "aws_glue_table.x", "spec.columns")
    (problem,) = problems("aws_s3_bucket", lifecycle=[{"id": "r", "expire_days": 1}] * 2)
    assert problem.field == "spec.lifecycle"


def test_rules_that_do_nothing_and_keys_that_are_not_used() -> None:
    (problem,) = problems("aws_s3_bucket", lifecycle=[{"id": "r", "prefix": "x"}])
    assert (problem.code, problem.field) == ("AWS-RULE-IDLE", "spec.lifecycle[0]")
    (problem,) = problems("aws_s3_bucket", encryption={"algorithm": "AES256", "kms_key": "x"})
    assert problem.code == "AWS-KMS"


def test_brackets_that_do_not_match() -> None:
    (problem,) = problems("aws_glue_table", columns=[{"name": "a", "type": "array<struct<b:int>"}])
    assert (problem.code, problem.field) == ("AWS-TYPE", "spec.columns[0].type")


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("int", True),
        ("map<string,array<decimal(1,2)>>", True),
        ("a<b", False),
        ("a>", False),
        ("a<(b>)", False),
        ("a<>", False),
    ],
)
def test_balanced_brackets(text: str, fine: bool) -> None:
    assert balanced(text) == fine


def test_what_is_not_ours_or_not_sound_is_passed_by() -> None:
    assert problems("aws_glue_table", columns="later", partition_keys=[7]) == []
    assert problems("aws_glue_table", columns=[{"name": "a"}, {"type": 7}]) == []
    assert problems("other_thing", columns=[{"name": "a"}] * 2) == []
    assert list(check(())) == []


# the policy of the README ---------------------------------------------------------------------------------------

ACTIONS: dict[str, tuple[str, ...]] = {
    "CreateBucket": ("s3:CreateBucket", "s3:TagResource", "s3:PutBucketOwnershipControls"),
    "HeadBucket": ("s3:ListBucket",),
    "ListBuckets": ("s3:ListAllMyBuckets",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "GetBucketTagging": ("s3:GetBucketTagging",),
    "PutBucketTagging": ("s3:PutBucketTagging",),
    "DeleteBucketTagging": ("s3:PutBucketTagging",),
    "GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
}


def actions(call: str) -> tuple[str, ...]:
    glue = any(word in call for word in ("Database", "Table", "Partition"))
    return ACTIONS.get(call, (f"{'glue' if glue else 's3'}:{call}",))


def policy(kind: str) -> set[str]:
    """Give the actions of the JSON block that follows the kind's heading."""
    text = README.read_text("utf-8").split(f"### `{kind}`", 1)[1]
    block = json.loads(text.split("```json", 1)[1].split("```", 1)[0])
    return {action for statement in block["Statement"] for action in statement["Action"]}


def live(kind: Kind, wants: list[Want]) -> None:
    """Lead one object through everything that dpn does to it."""
    ref = kind.create(wants[0])
    for want in wants:
        seen = kind.read(ref)
        assert seen
        for part in kind.parts:
            kind.put(ref, part.name, want, seen)
    for marker in (None, MARKER):
        found = kind.read(ref)
        assert found
        kind.mark(ref, marker, found)
    kind.find(wants[0])
    list(kind.list(ref.parent))
    kind.contents(ref)
    kind.delete(ref, Observed(ref, {}))


MARKER = Marker("s", "a", "o")
DB = Ref("aws_glue_database", "db", "db")
SAFE = {"encryption": {"algorithm": "AES256"}, "ownership": "BucketOwnerEnforced"}
LIVES: list[tuple[type[Kind], list[Want]]] = [
    (
        Bucket,
        [
            Want("lake", {**SAFE, "versioning": True, "lifecycle": [{"id": "r", "expire_days": 1}]}, None, MARKER),
            Want("lake", {**SAFE, "versioning": False}, None, MARKER),
        ],
    ),
    (GlueDatabase, [Want("db", {"description": "a"}, None, MARKER), Want("db", {}, None, MARKER)]),
    (GlueTable, [Want("t", {"format": "orc"}, DB, MARKER), Want("t", {"format": "csv"}, DB, MARKER)]),
]


@pytest.mark.parametrize(("cls", "wants"), LIVES)
def test_the_policy_of_each_kind_is_what_it_calls(cloud: Any, cls: type[Kind], wants: list[Want]) -> None:
    if wants[0].parent:
        cloud.session.glue().create_database(DatabaseInput={"Name": "db"})
    cloud.session.owner()
    cloud.calls.clear()
    kind = cls(cloud.session)
    live(kind, wants)
    list(kind.list(None))
    called = {action for name in cloud.names() for action in actions(name)}
    assert called == policy(cls.kind)
