"""What the securables of Unity Catalog have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dpn import DpnError, Inside, Kind, Ref
from dpn_databricks.client import DatabricksSession
from dpn_databricks.plain import full_name, unless_gone
from dpn_databricks.privileges import SECURABLES

OWNER: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "description": "Who owns it: a user, a group or a service principal. A new owner may lock dpn out.",
}
COMMENT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 1024, "description": "What it is for."}


def location(description: str) -> dict[str, Any]:
    """Give the schema of an address in a cloud's storage."""
    return {"type": "string", "pattern": "^(s3|gs|abfss)://\\S*[^/\\s]$(?!\\n)", "description": description}


class Securable(Kind):
    """A kind whose objects are found by their full name, in up to three tiers, and can be granted on."""

    session: DatabricksSession

    def grants(self, ref: Ref) -> Iterator[Inside]:
        """Yield the principals that hold privileges on the object itself: they vanish with it."""
        for principal, held in unless_gone(lambda: [*grants(self.session, ref)]) or ():
            if held:
                yield Inside("databricks_grant", principal, goes_with_it=True)

    def inside(self, catalog: str, schema: str) -> Iterator[Inside]:
        """Yield the tables and the volumes of a schema."""
        from databricks.sdk.service.catalog import TablesAPI, VolumesAPI

        tables, volumes = self.session.api(TablesAPI), self.session.api(VolumesAPI)
        for table in tables.list(catalog, schema, max_results=0, omit_columns=True, omit_properties=True):
            yield Inside("databricks_table", str(table.name))
        for volume in volumes.list(catalog, schema, max_results=0):
            yield Inside("databricks_volume", str(volume.name))


def grants(session: DatabricksSession, ref: Ref, principal: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Yield principals, or the one that is named, with what each was granted on the object itself, not further up.

    A page may be empty and not the last.
    """
    from databricks.sdk.service.catalog import GrantsAPI

    api, token = session.api(GrantsAPI), None
    while True:
        page = api.get(SECURABLES[ref.kind][0], full_name(ref), principal=principal, max_results=0, page_token=token)
        for held in page.privilege_assignments or ():
            yield str(held.principal), [privilege.value for privilege in held.privileges or ()]
        token = page.next_page_token
        if not token:
            return


def parents(ref: Ref | None, kind: str, count: int) -> tuple[str, ...]:
    """Give the names of the tiers above; raise DpnError if they are not known."""
    names: list[str] = []
    while ref:
        names.insert(0, ref.name)
        ref = ref.parent
    if len(names) != count:
        above = "catalog" if count == 1 else "schema, which stands in its catalog"
        raise DpnError(f"A {kind} needs its {above}.", hint=f"Give `{'catalog' if count == 1 else 'schema'}`.")
    return tuple(names)
