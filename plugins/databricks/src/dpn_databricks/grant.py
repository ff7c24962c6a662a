"""The kind `databricks_grant`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from dpn import DpnError, Kind, Observed, Part, Ref, Want
from dpn_databricks.client import DatabricksSession
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import full_name, unless_gone
from dpn_databricks.privileges import PRIVILEGES, SECURABLES
from dpn_databricks.securable import grants


class Grant(Kind):
    """What one principal may do with one securable. `Ref.id` is the principal.

    Others may grant more to the same principal: the stack keeps to the privileges that it granted itself.
    """

    kind = "databricks_grant"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    named_by = "principal"
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["on", "principal", "privileges"],
        "properties": {
            "on": {
                "type": "string",
                "x-dpn-ref": {"kinds": list(SECURABLES), "use": "full_name"},
                "description": "The catalog, schema, table or volume, as ${databricks_schema.ID}.",
            },
            "principal": {
                "type": "string",
                "minLength": 1,
                "description": "A user's address, a group's name or a service principal's application id.",
            },
            "privileges": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"enum": PRIVILEGES, "description": "A privilege, as USE_SCHEMA."},
                "description": "What it may do; privileges on a catalog or schema hold for all that is in it.",
            },
        },
    }
    parts = (Part("privileges", ("privileges",), at_birth=True),)
    immutable = frozenset({"principal"})
    unordered = frozenset({"privileges"})
    parent = "on"
    ownership = "shared"
    undelete = "yes"
    settle = 0  # nothing is looked for: granting what is granted changes nothing
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        ref = Ref(self.kind, want.name, want.name, want.parent)
        self._change(ref, add=want.spec["privileges"])
        return ref

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        then, now = _set(want.spec), _set(seen.spec)
        self._change(ref, add=then - now, remove=now - then)

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._change, ref, remove=_set(seen.spec))

    def read(self, ref: Ref) -> Observed | None:
        found = unless_gone(lambda: [*grants(self.session, _on(ref), ref.name)]) or ()
        held = sorted({privilege for principal, few in found if principal == ref.name for privilege in few})
        if not held:
            return None
        spec = {"principal": ref.name, "privileges": held}
        return Observed(Ref(self.kind, ref.name, ref.name, ref.parent), spec)

    def _change(self, ref: Ref, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        from databricks.sdk.service.catalog import GrantsAPI, PermissionsChange, Privilege

        on = _on(ref)
        change = PermissionsChange(
            principal=ref.name,
            add=[Privilege(one) for one in sorted(add)],
            remove=[Privilege(one) for one in sorted(remove)],
        )
        if change.add or change.remove:
            self.session.api(GrantsAPI).update(SECURABLES[on.kind][0], full_name(on), changes=[change])


def _set(spec: Mapping[str, Any]) -> set[str]:
    return set(spec.get("privileges", ()))


def _on(ref: Ref) -> Ref:
    if ref.parent is None:
        raise DpnError("A databricks_grant needs what it is on.", hint="Give `on`.")
    return ref.parent
