"""The kind `databricks_secret_scope`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from dpn import Inside, Kind, Observed, Part, Ref, Want
from dpn_databricks.client import DatabricksSession
from dpn_databricks.errors import NotSentError
from dpn_databricks.fields import choice, record, rows, text
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import present, same, unless_gone

if TYPE_CHECKING:
    from databricks.sdk.service.workspace import SecretsAPI
    from databricks.sdk.service.workspace import SecretScope as FoundScope

_ALL = "users"


class SecretScope(Kind):
    """A secret scope; its secrets are not dpn's. `Ref.id` is its name, by which alone the service knows it.

    A scope has no tag, comment or other place for a marker, so after a create whose reply was lost nobody can tell
    whose scope is there: such a run stays in doubt (exit code 4) until a person says it.
    """

    kind = "databricks_secret_scope"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "initial_manage_principal": choice("All users manage it; else who creates it.", (_ALL,)),
            "backend_azure_keyvault": record(
                "The Azure Key Vault whose secrets it shows; else it keeps its own.",
                {
                    "resource_id": text("The vault's resource id in Azure."),
                    "dns_name": text("Its address, as https://NAME.vault.azure.net/."),
                },
                ["resource_id", "dns_name"],
            ),
            "acls": rows(
                "Who may read or write secrets, beside those who manage the scope: dpn never touches these.",
                record(
                    "What one principal may.",
                    {
                        "principal": text("A user's address, a group's name or an application id."),
                        "permission": choice("What it may.", ("READ", "WRITE")),
                    },
                    ["principal", "permission"],
                ),
            ),
        },
    }
    parts = (Part("acls", ("acls",)),)
    immutable = frozenset({"backend_azure_keyvault"})
    # Said at birth, and never compared: who took MANAGE from all users since must not cost the scope its secrets.
    computed = frozenset({"initial_manage_principal"})
    unordered = frozenset({"acls"})
    data_bearing = True
    rename_how = "impossible"  # the API has none, and secrets cannot be read to be copied
    undelete = "lossy"  # the secrets are gone
    marker = "none"
    settle = 20  # scopes/list showed new scopes at once when it was tried
    lists = "names"  # the list does not tell who may what
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        from databricks.sdk.service.workspace import AzureKeyVaultSecretScopeMetadata, ScopeBackendType

        vault = want.spec.get("backend_azure_keyvault")
        self._api(once=True).create_scope(
            want.name,
            initial_manage_principal=want.spec.get("initial_manage_principal"),
            backend_azure_keyvault=AzureKeyVaultSecretScopeMetadata.from_dict(dict(vault)) if vault else None,
            scope_backend_type=ScopeBackendType.AZURE_KEYVAULT if vault else None,
        )
        return Ref(self.kind, want.name, want.name)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        from databricks.sdk.service.workspace import AclPermission

        wanted, there = _by_principal(want.spec), _by_principal(seen.spec)
        managers = sorted(set(wanted) & set(seen.extra.get("managers", [])))
        if managers:
            raise NotSentError(
                f"{', '.join(managers)} manages the secret scope {ref.name}, and would lose that.",
                "Leave it out of `acls`: who manages a scope may read and write its secrets.",
            )
        for principal in sorted(set(there) - set(wanted)):
            unless_gone(self._api().delete_acl, ref.name, principal)
        for principal, permission in wanted.items():
            if there.get(principal) != permission:
                self._api().put_acl(ref.name, principal, AclPermission(permission))

    def read(self, ref: Ref) -> Observed | None:
        # The service compares names without regard to case.
        scopes = [one for one in self._api().list_scopes() if (one.name or "").lower() == ref.name.lower()]
        if not scopes or not same(ref, scopes[0].name):
            return None
        acls = unless_gone(self._acls, ref.name)
        return None if acls is None else self._observe(scopes[0], acls)

    def _acls(self, scope: str) -> Sequence[Mapping[str, str]]:
        from databricks.sdk.errors import PermissionDenied

        try:
            return [one.as_dict() for one in self._api().list_acls(scope)]
        except PermissionDenied:  # only who manages a scope sees who may what; all see that it is there
            return []

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for one in self._api().list_scopes():
            yield Observed(Ref(self.kind, one.name or "", one.name), {})

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete_scope, ref.name)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        seen = self.read(ref)
        if seen is None or "backend_azure_keyvault" in seen.spec:  # the vault keeps its secrets
            return []
        found = unless_gone(lambda: list(islice(self._api().list_secrets(ref.name), 5))) or []
        return [Inside("secret", one.key or "", goes_with_it=True) for one in found]

    def _api(self, *, once: bool = False) -> SecretsAPI:
        from databricks.sdk.service.workspace import SecretsAPI

        return self.session.api(SecretsAPI, once=once)

    def _observe(self, scope: FoundScope, acls: Sequence[Mapping[str, str]]) -> Observed:
        managers = sorted(one["principal"] for one in acls if one["permission"] == "MANAGE")
        spec = {
            "initial_manage_principal": _ALL if _ALL in managers else None,
            "backend_azure_keyvault": scope.keyvault_metadata.as_dict() if scope.keyvault_metadata else None,
            "acls": [dict(one) for one in acls if one["permission"] != "MANAGE"],
        }
        return Observed(Ref(self.kind, scope.name or "", scope.name), present(spec), extra={"managers": managers})


def _by_principal(spec: Mapping[str, Any]) -> dict[str, str]:
    return {one["principal"]: one["permission"] for one in spec.get("acls", [])}
