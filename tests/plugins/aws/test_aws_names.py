"""The names of the AWS kinds keep what every provider promises, and agree with what botocore's models say of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
import pytest

import dpn_aws
from dpn import NamedKind, Provider
from dpn.config import NamingFiles
from dpn.naming import Namer, check
from dpn.offers import kind_info
from dpn.testing import NamesConformance
from dpn_aws.catalogue import CATALOGUE

(PROVIDER,) = dpn_aws.dpn_providers()
KINDS = {kind.kind: kind for kind in PROVIDER.kinds}
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

VALUES = {
    "project": "my-app", "region": "us-east-1", "domain": "sales", "layer": "gold", "purpose": "ingest",
    "entity": "orders", "source": "s3", "service": "glue", "database": "lake", "trigger": "sqs", "action": "load",
    "event_type": "failed", "queue_type": "dlq", "workflow": "month_end", "destination": "redshift",
    "table_type": "fact", "attribute": "order_id", "zone": "use1-az4", "file": "part-0", "format": "parquet",
}  # fmt: skip
NAMES = {
    "aws_s3_bucket": "my-app-ingest-gold-dev-use1",
    "aws_s3_object_key": "sales/orders/part-0.parquet",
    "aws_s3_directory_bucket": "my-app-ingest-dev-express--use1-az4--x-s3",
    "aws_s3_table_bucket": "my-app-ingest-dev",
    "aws_s3_table_namespace": "sales_gold",
    "aws_s3_table": "fact_orders",
    "aws_glue_database": "my_app_sales_gold_dev",
    "aws_glue_table": "fact_orders",
    "aws_glue_column": "order_id",
    "aws_glue_crawler": "my-app-dev-crawler-lake-s3",
    "aws_glue_job": "my-app-dev-job-orders-load",
    "aws_iam_role": "my-app-dev-glue-ingest-role",
    "aws_iam_policy": "my-app-dev-glue-ingest-policy",
    "aws_kms_alias": "alias/my-app-dev-ingest",
    "aws_athena_workgroup": "my-app-dev-ingest",
    "aws_lakeformation_lf_tag": "my-app-dev-order-id",
    "aws_redshift_cluster": "my-app-dev-ingest-use1",
    "aws_redshift_database": "my_app_sales_dev",
    "aws_redshift_serverless_namespace": "my-app-dev-ingest",
    "aws_redshift_serverless_workgroup": "my-app-dev-ingest",
    "aws_kinesis_stream": "my-app-dev-sales-s3-stream",
    "aws_kinesis_firehose": "my-app-dev-sales-to-redshift",
    "aws_dynamodb_table": "my-app-dev-orders-ingest",
    "aws_step_function": "my-app-dev-month-end-ingest",
    "aws_eventbridge_rule": "my-app-dev-failed-ingest",
    "aws_sns_topic": "my-app-dev-failed-ingest",
    "aws_sqs_queue": "my-app-dev-ingest-dlq",
    "aws_lambda_function": "my-app-dev-sales-sqs-load",
    "aws_cloudwatch_log_group": "/my-app/dev/glue/ingest",
    "aws_secretsmanager_secret": "my-app/dev/glue/ingest",
}

# Where botocore states limits: service, operation, member. The other services say them in prose only, or for the ARN
# that the same field takes (DynamoDB, Lambda).
MODELS = {
    "aws_s3_table_bucket": ("s3tables", "CreateTableBucket", "name"),
    "aws_s3_table_namespace": ("s3tables", "CreateTable", "namespace"),
    "aws_s3_table": ("s3tables", "CreateTable", "name"),
    "aws_glue_database": ("glue", "CreateDatabase", "DatabaseInput.Name"),
    "aws_glue_table": ("glue", "CreateTable", "TableInput.Name"),
    "aws_glue_crawler": ("glue", "CreateCrawler", "Name"),
    "aws_glue_job": ("glue", "CreateJob", "Name"),
    "aws_iam_role": ("iam", "CreateRole", "RoleName"),
    "aws_iam_policy": ("iam", "CreatePolicy", "PolicyName"),
    "aws_kms_alias": ("kms", "CreateAlias", "AliasName"),
    "aws_athena_workgroup": ("athena", "CreateWorkGroup", "Name"),
    "aws_lakeformation_lf_tag": ("lakeformation", "CreateLFTag", "TagKey"),
    "aws_redshift_serverless_namespace": ("redshift-serverless", "CreateNamespace", "namespaceName"),
    "aws_redshift_serverless_workgroup": ("redshift-serverless", "CreateWorkgroup", "workgroupName"),
    "aws_kinesis_stream": ("kinesis", "CreateStream", "StreamName"),
    "aws_kinesis_firehose": ("firehose", "CreateDeliveryStream", "DeliveryStreamName"),
    "aws_dynamodb_table": ("dynamodb", "ListTables", "ExclusiveStartTableName"),
    "aws_step_function": ("stepfunctions", "CreateStateMachine", "name"),
    "aws_eventbridge_rule": ("events", "PutRule", "Name"),
    "aws_cloudwatch_log_group": ("logs", "CreateLogGroup", "logGroupName"),
    "aws_secretsmanager_secret": ("secretsmanager", "CreateSecret", "Name"),
}


class TestNames(NamesConformance):
    @pytest.fixture
    def provider(self) -> Provider:
        return PROVIDER


@pytest.mark.parametrize("kind", NAMES)
def test_a_default_pattern_gives_this_name(kind: str) -> None:
    info = kind_info(KINDS[kind], "aws", "under test")
    namer = Namer(NamingFiles(), kinds={kind: info}, environment="dev", region_codes={"aws": PROVIDER.region_codes})
    named, problems = namer.name(kind, naming=VALUES)
    assert not problems
    assert named
    assert named.name == NAMES[kind]


def test_each_kind_has_its_name_above() -> None:
    assert list(NAMES) == list(CATALOGUE)
    assert sorted(NAMES) == sorted(KINDS)


@ALL
def test_all_that_a_rule_refuses_has_a_bad_name(kind: type[NamedKind]) -> None:
    rule = kind.name_rule
    bad = [name.lower() if rule.unique_fold == "lower" else name for name in rule.bad]
    fold = str.lower if rule.unique_fold == "lower" else str
    assert all(any(name.startswith(fold(word)) for name in bad) for word in rule.forbid_prefix)
    assert all(any(name.endswith(word) for name in bad) for word in rule.forbid_suffix)
    assert all(any(word in name for name in bad) for word in rule.forbid_substring)
    assert all(any(re.search(word, name) for name in bad) for word in rule.forbid_regex)
    assert any(name.endswith("\n") for name in bad)
    assert not rule.reserved or set(rule.reserved) & set(bad)
    assert all(check(rule, word) for word in rule.reserved)


@ALL
def test_the_default_pattern_uses_variables_that_are_explained(kind: type[NamedKind]) -> None:
    used = set(re.findall(r"{(\w+)}", kind.default_pattern))
    assert set(kind.variables) <= used
    assert used - set(kind.variables) <= {"project", "environment", "region"}
    assert all(variable.doc.endswith(".") for variable in kind.variables.values())


@cache
def model(service: str, operation: str, member: str) -> Mapping[str, Any]:
    shape: Any = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    for name in member.split("."):
        shape = shape.members[name]
    found: Mapping[str, Any] = shape.metadata
    return found


@pytest.mark.parametrize("kind", MODELS)
def test_limits_are_those_of_the_service_model(kind: str) -> None:
    said, rule = model(*MODELS[kind]), KINDS[kind].name_rule
    limit = said.get("max") or int(said["pattern"].rpartition(",")[2].rstrip("}"))  # Athena's stands in its pattern
    assert rule.max == limit
    assert rule.min >= said.get("min", 1)


@pytest.mark.parametrize("kind", MODELS)
def test_good_names_match_the_pattern_of_the_service_model(kind: str) -> None:
    said = model(*MODELS[kind]).get("pattern", ".*")
    # Java's classes, which Python's expressions do not have, as far as the good names need them.
    for java, python in ((r"\p{L}\p{Z}\p{N}", r"\w "), (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff")):
        said = said.replace(java, python)
    assert [name for name in KINDS[kind].name_rule.good if not re.fullmatch(said, name)] == []
