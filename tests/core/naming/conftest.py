"""Kinds, rules and files that the tests of naming share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dpn.config import NamingFiles
from dpn.documents import parse
from dpn.naming import Namer
from dpn.provider import KindInfo, NameRule, Variable

S3 = NameRule(
    pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    min=3,
    max=63,
    case="lower",
    unique="partition",
    charset="a-z0-9.-",
    forbid_prefix=("xn--", "sthree-", "amzn-s3-demo-"),
    forbid_suffix=("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"),
    forbid_substring=("..", ".-", "-."),
    forbid_regex=(r"^\d+\.\d+\.\d+\.\d+$",),
    source="S3 User Guide, bucket naming rules",
)
GLUE = NameRule(
    pattern=r"^[a-z0-9_]{1,255}$",
    unit="bytes",
    separator="_",
    case="lower",
    fold="lower",
    unique="account_region",
    charset="a-z0-9_",
    source="Athena, names of tables, databases and columns",
)
ROLE = NameRule(
    pattern=r"[\w+=,.@-]{1,64}",
    max=64,
    charset=r"\w+=,.@-",
    unique_fold="lower",
    forbid_prefix=("AWSServiceRoleFor",),
    reserved=("Admin",),
)
FREE = NameRule(pattern=r"[^./\x00-\x20\x7f]{1,100}", max=100, separator="_", fold="lower", unique="none")
VAULT = NameRule(pattern=r"[a-z0-9]{3,24}", min=3, max=24, separator="", case="lower", charset="a-z0-9")
QUEUE = NameRule(
    pattern=r"[A-Za-z0-9_-]{1,80}", max=80, charset="A-Za-z0-9_-", allow_suffix=(".fifo",), suffix_field="fifo"
)

RULES = {"s3": S3, "glue": GLUE, "role": ROLE, "free": FREE, "vault": VAULT, "queue": QUEUE}

CODES = {"aws": {"us-east-1": "use1", "eu-west-1": "euw1"}}


def info(kind: str, rule: NameRule, pattern: str, *variables: str) -> KindInfo:
    """Make the data of a kind whose variables are all open."""
    return KindInfo(
        kind, kind.split("_", maxsplit=1)[0], "test", rule, pattern, {name: Variable(name) for name in variables}
    )


BUCKET = info("aws_s3_bucket", S3, "{project}-{purpose}-{environment}", "purpose", "layer")
DATABASE = info("aws_glue_database", GLUE, "{project}-{domain}-{environment}", "domain", "layer")
KINDS = {BUCKET.kind: BUCKET, DATABASE.kind: DATABASE}


def naming_files(values: str = "", patterns: str = "") -> NamingFiles:
    """Make both files from YAML text."""
    return NamingFiles(
        parse(values, "values.yaml", "yaml") if values else None,
        parse(patterns, "patterns.yaml", "yaml") if patterns else None,
    )


def make_namer(values: str = "", patterns: str = "", **options: Any) -> Namer:
    """Make a namer for two kinds in the environment dev, from YAML text."""
    return Namer(
        naming_files(values, patterns),
        **{"kinds": KINDS, "environment": "dev", "region_codes": CODES, **options},
    )


@pytest.fixture(scope="session")
def make() -> Callable[..., Namer]:
    return make_namer


@pytest.fixture(scope="session")
def files() -> Callable[..., NamingFiles]:
    return naming_files


@pytest.fixture(scope="session")
def rules() -> Mapping[str, NameRule]:
    return RULES


@pytest.fixture(scope="session")
def kinds() -> Mapping[str, KindInfo]:
    return KINDS


@pytest.fixture(scope="session")
def kind() -> Callable[..., KindInfo]:
    return info
