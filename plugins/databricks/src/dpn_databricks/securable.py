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


class Securable(Kind):
    """A kind whose objects are found by their full name, in up to three tiers, and can be granted on."""

    session: DatabricksSession

    def grants(self, ref: Ref) -> Iterator[Inside]:
        """Yield the principals that hold privileges on the object itself: they vanish with it."""
        from databricks.sdk.service.catalog import GrantsAPI

        what, name, token = SECURABLES[self.kind][0], full_name(ref), None
        grants = self.session.api(GrantsAPI)
        while True:
            page = unless_gone(grants.get, what, name, max_results=0, page_token=token)
            for held in (page and page.privilege_assignments) or ():
                if held.privileges:
                    yield Inside("databricks_grant", str(held.principal), goes_with_it=True)
            token = page and page.next_page_token
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
