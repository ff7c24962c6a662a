from __future__ import annotations

from typing import Any

import pytest

from dpn import Problem, Resource
from dpn_databricks.validate_unity import check


def problems(kind: str, **spec: Any) -> list[Problem]:
    existing = spec.pop("existing", False)
    resource = Resource(f"{kind}.it", kind, "it", spec, "databricks", existing=existing)
    return list(check((resource,)))


def column(name: str, text: str = "int") -> dict[str, Any]:
    return {"name": name, "type": text, "nullable": True}


def test_a_sound_table_has_no_problem() -> None:
    columns = [column("a", "decimal(10,2)"), column("b", "array<struct<Sku:string>>")]
    assert problems("databricks_table", table_type="MANAGED", columns=columns, cluster_by=["a"]) == []
    assert problems("databricks_table", table_type="EXTERNAL", storage_location="s3://lake/x", columns=columns) == []
    assert problems("databricks_volume", volume_type="EXTERNAL", storage_location="s3://lake/x") == []


@pytest.mark.parametrize(
    ("text", "next_step"),
    [
        ("LONG", "Write bigint."),
        ("decimal(10, 2)", "Write decimal(10,2)."),
        ("varchar(20)", "Write string."),
        ("array<INT>", "Write array<int>."),
    ],
)
def test_another_spelling_is_refused_with_the_one_to_write(text: str, next_step: str) -> None:
    (problem,) = problems("databricks_table", columns=[column("a"), column("b", text)])
    assert (problem.code, problem.address, problem.field, problem.hint) == (
        "DATABRICKS-TYPE", "databricks_table.it", "spec.columns[1].type", next_step,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["array<int", "money", "decimal(50,1)", "struct<a b:int>", "array<" * 10_000])
def test_what_is_no_type_is_refused(text: str) -> None:
    (problem,) = problems("databricks_table", columns=[column("a", text)])
    assert (problem.code, problem.field) == ("DATABRICKS-TYPE", "spec.columns[0].type")
    assert problem.hint


def test_case_does_not_tell_columns_apart() -> None:
    (problem,) = problems("databricks_table", columns=[column("Day"), column("day"), column("n")])
    assert (problem.code, problem.field) == ("DATABRICKS-TWICE", "spec.columns")
    assert "'day' stands 2 times" in problem.message


@pytest.mark.parametrize("field", ["partition_by", "cluster_by"])
def test_what_a_table_is_laid_out_by_is_one_of_its_columns(field: str) -> None:
    (problem,) = problems("databricks_table", columns=[column("country"), column("n")], **{field: ["n", "contry"]})
    assert (problem.code, problem.field, problem.hint) == (
        "DATABRICKS-COLUMN", f"spec.{field}[1]", "Did you mean 'country'?",
    )  # fmt: skip


def test_a_table_is_partitioned_or_clustered() -> None:
    columns = [column("a"), column("b")]
    (problem,) = problems("databricks_table", columns=columns, partition_by=["a"], cluster_by=["b"])
    assert problem.code == "DATABRICKS-LAYOUT"


def test_a_table_is_not_partitioned_by_all_its_columns() -> None:
    (problem,) = problems("databricks_table", columns=[column("a"), column("b")], partition_by=["b", "a"])
    assert (problem.code, problem.field, problem.hint) == ("DATABRICKS-LAYOUT", "spec.partition_by", "Leave one out.")


@pytest.mark.parametrize(("kind", "field"), [("databricks_table", "table_type"), ("databricks_volume", "volume_type")])
def test_a_location_is_for_what_is_external(kind: str, field: str) -> None:
    (lacks,) = problems(kind, **{field: "EXTERNAL"})
    (needless,) = problems(kind, **{field: "MANAGED"}, storage_location="s3://lake/x")
    for problem in (lacks, needless):
        assert (problem.code, problem.field) == ("DATABRICKS-LOCATION", "spec.storage_location")
        assert problem.hint
    assert problems(kind, existing=True) == []


@pytest.mark.parametrize("columns", [None, "a", [1, "x"], [{"name": 1}], [{"type": 1}], {}])
def test_what_the_schema_refuses_is_passed_by(columns: Any) -> None:
    assert problems("databricks_table", columns=columns, cluster_by=3) == []


def test_other_kinds_are_passed_by() -> None:
    assert problems("databricks_job", columns=[column("a", "?")]) == []
