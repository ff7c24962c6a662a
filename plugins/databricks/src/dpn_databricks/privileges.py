"""Which privileges each securable of Unity Catalog takes, and what is wrong with a grant before it is sent.

Source: https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges (2026-11-24);
privileges are inherited downwards, so a catalog takes those of schemas, tables and volumes, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from dpn import Problem, Resource

_ALL = ("ALL_PRIVILEGES", "APPLY_TAG", "MANAGE")
_TABLE = ("MODIFY", "SELECT")
_VOLUME = ("READ_VOLUME", "WRITE_VOLUME")
_SCHEMA = (
    "CREATE_FUNCTION",
    "CREATE_MATERIALIZED_VIEW",
    "CREATE_MODEL",
    "CREATE_TABLE",
    "CREATE_VOLUME",
    "EXECUTE",
    "EXTERNAL_USE_SCHEMA",
    "REFRESH",
    "USE_SCHEMA",
    *_TABLE,
    *_VOLUME,
)
_CATALOG = ("BROWSE", "CREATE_SCHEMA", "USE_CATALOG", *_SCHEMA)
# kind -> what the API calls its securable, and the privileges that it takes
SECURABLES: Mapping[str, tuple[str, frozenset[str]]] = {
    "databricks_catalog": ("catalog", frozenset({*_ALL, *_CATALOG})),
    "databricks_schema": ("schema", frozenset({*_ALL, *_SCHEMA})),
    "databricks_table": ("table", frozenset({*_ALL, *_TABLE})),
    "databricks_volume": ("volume", frozenset({*_ALL, *_VOLUME})),
}
PRIVILEGES = sorted(SECURABLES["databricks_catalog"][1])


def check(resources: Sequence[Resource]) -> Iterator[Problem]:
    """Find privileges that the securable of a grant does not take."""
    for resource in resources:
        kind = (resource.parent or "").partition(".")[0]
        if resource.kind != "databricks_grant" or kind not in SECURABLES:
            continue
        what, takes = SECURABLES[kind]
        for index, privilege in enumerate(_listed(resource)):
            if privilege in PRIVILEGES and privilege not in takes:
                near = get_close_matches(privilege, takes, 1)
                yield Problem(
                    "DATABRICKS-PRIVILEGE",
                    f"A {what} does not take {privilege}.",
                    resource.address,
                    f"spec.privileges[{index}]",
                    resource.place,
                    expected=", ".join(sorted(takes)),
                    hint=f"Did you mean {near[0]}?" if near else "Grant it on the schema or the catalog above.",
                )


def _listed(resource: Resource) -> list[Any]:
    listed = resource.spec.get("privileges")
    return list(listed) if isinstance(listed, (list, tuple)) else []
