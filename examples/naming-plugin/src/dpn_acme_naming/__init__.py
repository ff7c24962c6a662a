"""The naming plugin `acme`: the department, known by its cost center, stands in the name of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dpn

DEPARTMENTS = {
    "cc-4711": ("fin", "finance"),
    "cc-4712": ("hr", "people"),
    "cc-4713": ("fin", "finance"),
    "cc-4720": ("sls", "sales"),
}


def department(value: str, arg: str) -> str:
    """Give the department of a cost center: its short form, or with `:full` its word."""
    if value not in DEPARTMENTS:
        raise ValueError(f"{value!r} is no cost center of Acme; there are {', '.join(DEPARTMENTS)}")
    if arg not in ("", "full"):
        raise ValueError(f"department takes :full or nothing, and not :{arg}")
    return DEPARTMENTS[value][arg == "full"]


@dpn.hookimpl
def dpn_conventions() -> Iterable[dpn.Convention]:
    """Offer the convention; kinds that it leaves out keep the patterns of their providers."""
    yield dpn.Convention(
        "acme",
        patterns={
            "aws_s3_bucket": "acme-{cost_center|department}-{purpose}[-{layer}]-{environment}-{region}",
            "aws_glue_database": "{cost_center|department}_{domain}[_{layer}]_{environment}",
            "databricks_catalog": "{cost_center|department:full}_{environment}",
            "databricks_cluster": "{cost_center|department}-{workload}-{cluster_type}-{environment}",
        },
        transformations={"abbreviations": {"environment": {"production": "prd"}}},
        variables={
            "purpose": dpn.Variable("What it is for, in one word: lake, orders.", "word"),
            "domain": dpn.Variable("The business domain, in one word: sales, finance.", "word"),
        },
    )


@dpn.hookimpl
def dpn_transforms() -> Mapping[str, dpn.Transform]:
    """Offer the filter. It is lossy: two cost centers can be of one department."""
    return {"department": dpn.Transform(department, lossy=True, word=True, charset="a-z")}


@dpn.hookimpl
def dpn_name(request: dpn.NameRequest) -> str | None:
    """Name jobs for people, with spaces, which no pattern can hold; None leaves all else to the patterns."""
    if request.kind != "databricks_job":
        return None
    values = request.values
    if missing := [name for name in ("purpose", "schedule", "cost_center") if name not in values]:
        raise dpn.InputError(f"The name of a job needs {missing[0]}.", hint=f"Set naming.{missing[0]} of the resource.")
    try:
        owner = department(values["cost_center"], "full")
    except ValueError as error:
        raise dpn.InputError(f"{error}.") from error
    return f"{values['schedule'].capitalize()} {values['purpose']} for {owner} ({values['environment']})"
