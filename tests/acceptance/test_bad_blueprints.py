"""Each folder of bad-blueprints holds a blueprint and what dpn says of it: a line `line:column code field` a problem.

To add a case, make a folder with `blueprint.json` or `blueprint.yaml` and write down what you expect.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dpn.blueprint import environment_of, load
from dpn.documents import read
from dpn.errors import InputError, Problem
from dpn.model import Resource
from dpn.provider import KindInfo, NameRule
from dpn.validate import check
from dpn.world import World

CASES = Path(__file__).with_name("bad-blueprints")
BUCKET = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "versioning": {"type": "boolean"},
        "encryption": {"enum": ["sse-s3", "sse-kms"]},
        "expire_days": {"type": "integer", "minimum": 1},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
COLUMN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "type"],
    "properties": {"name": {"type": "string"}, "type": {"type": "string"}},
}
TABLE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["database"],
    "properties": {
        "database": {"type": "string", "x-dpn-ref": {"kinds": ["aws_glue_database"], "use": "name"}},
        "location": {"type": "string"},
        "columns": {"type": "array", "items": COLUMN},
    },
}


def info(kind: str, schema: dict[str, object] | None, parent: str | None = None) -> KindInfo:
    rule, schema = NameRule("[a-z]+"), schema or {}
    return KindInfo(kind, "aws", "dpn-aws 1", rule, "{x}", {}, provisions=bool(schema), schema=schema, parent=parent)


KINDS = {
    "aws_s3_bucket": info("aws_s3_bucket", BUCKET),
    "aws_glue_database": info("aws_glue_database", {"type": "object", "additionalProperties": False}),
    "aws_glue_table": info("aws_glue_table", TABLE, "database"),
    "aws_iam_role": info("aws_iam_role", None),
}


def problems(folder: Path) -> list[Problem]:
    """Say what `dpn validate` would say before names: reading, blueprint and offline check."""
    name = next(path.name for path in folder.iterdir() if path.stem == "blueprint")
    try:
        document = read(Path(name), World(cwd=folder, env={}))
    except InputError as error:
        return list(error.problems)
    blueprint, found = load(document, environment_of(document))
    if not blueprint:
        return found
    resources = tuple(
        Resource(item.address, item.kind, item.name or item.id, item.spec, "aws", item.needs, existing=item.existing)
        for item in blueprint.items
    )
    found += map(blueprint.locate, check(resources, KINDS))
    return sorted(found, key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))


def line(problem: Problem) -> str:
    assert problem.place
    assert problem.message
    where = ".".join(part for part in (problem.address, problem.field) if part)
    return f"{problem.place.line}:{problem.place.column} {problem.code} {where}".rstrip()


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_bad_blueprint(case: str) -> None:
    expected = (CASES / case / "expected.txt").read_text().splitlines()
    assert [line(problem) for problem in problems(CASES / case)] == expected
    assert expected
