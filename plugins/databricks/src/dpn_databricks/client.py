"""The way to Databricks: the SDK's unified authentication for the settings of one alias, and its service clients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from dpn import DpnError, Identity
from dpn_databricks import sdk

if TYPE_CHECKING:
    from databricks.sdk.core import ApiClient

T = TypeVar("T")

_TEXT = {"type": "string", "minLength": 1}
_SECRET = {**_TEXT, "x-dpn-secret": True}
CONFIG_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "host": {
            "type": "string",
            "pattern": "^(https?://)?[^@/?#\\s]+/?$",
            "description": "The workspace's address; else DATABRICKS_HOST or the profile's. Without user name.",
        },
        "profile": {**_TEXT, "description": "A profile of ~/.databrickscfg; else DATABRICKS_CONFIG_PROFILE."},
        "token": {**_SECRET, "description": "A token; use ${env:NAME}. Else DATABRICKS_TOKEN."},
        "client_id": {**_TEXT, "description": "The application id of a service principal (OAuth)."},
        "client_secret": {**_SECRET, "description": "Its secret; use ${env:NAME}."},
        "azure_workspace_resource_id": {**_TEXT, "description": "The workspace's resource id in Azure."},
        "azure_tenant_id": {**_TEXT, "description": "The tenant of an Azure service principal."},
        "azure_client_id": {**_TEXT, "description": "The application id of an Azure service principal."},
        "azure_client_secret": {**_SECRET, "description": "Its secret; use ${env:NAME}."},
        "google_service_account": {**_TEXT, "description": "The Google service account to act as."},
        "auth_type": {**_TEXT, "description": "Take this way of authentication only, as the SDK names it."},
        "warehouse_id": {
            **_TEXT,
            "description": "The SQL warehouse that runs what only SQL can do; else DATABRICKS_WAREHOUSE_ID, "
            "else the only one there is.",
        },
        "workers": {"type": "integer", "minimum": 1, "description": "How many calls run at once; set by dpn."},
    },
}
_PASSED = tuple(name for name in CONFIG_SCHEMA["properties"] if name != "workers")


class DatabricksSession:
    """Service clients of one alias: with `once` a request is sent one time, else the SDK retries what fails.

    Clients may be shared by threads; each is made when it is first asked for, and imports its service then.
    """

    def __init__(self, clients: Callable[[bool], ApiClient], warehouse_id: str | None = None) -> None:
        self._connect = clients
        self._clients: dict[bool, ApiClient] = {}
        self._services: dict[tuple[Any, bool], Any] = {}
        self._lock = Lock()
        self._asking = Lock()
        self._identity: Identity | None = None
        self.warehouse_id = warehouse_id
        """The warehouse of the settings or the environment; where they name none, the first statement looks for one."""

    def api(self, service: Callable[[ApiClient], T], *, once: bool = False) -> T:
        """Give the client of a service, one of the SDK's `…API` classes."""
        client = self.client(once=once)
        with self._lock:
            made: T = self._services.setdefault((service, once), service(client))
            return made

    def client(self, *, once: bool = False) -> ApiClient:
        """Give the low-level client, for what no service class has."""
        with self._lock:
            if once not in self._clients:
                self._clients[once] = self._connect(once)
            return self._clients[once]

    def identity(self) -> Identity:
        """Ask once who is calling, and which workspace answers."""
        client = self.client()
        with self._asking:
            if self._identity is None:
                header = "X-Databricks-Org-Id"
                said: Any = client.do("GET", "/api/2.0/preview/scim/v2/Me", response_headers=[header])
                self._identity = Identity(str(said.get(header) or ""), str(said.get("userName") or ""))
            return self._identity

    def close(self) -> None:
        """Let go of what was made; the SDK's connections end with it."""
        with self._lock:
            self._clients.clear()
            self._services.clear()


def connect(settings: Mapping[str, Any]) -> DatabricksSession:
    """Open a session for one alias.

    What `settings` says beats the environment, which beats the profile, as the SDK has it. Raises DpnError when no
    workspace is named or no way of authentication is configured.
    """
    sdk.prepare()
    given = {name: settings[name] for name in _PASSED if settings.get(name)}
    if "token" in given:
        given.setdefault("auth_type", "pat")  # else the SDK refuses a token beside other ways in the environment
    workers = settings.get("workers", 10)
    first = _client(given, workers, once=False)
    warehouse: str | None = first._cfg.warehouse_id  # noqa: SLF001 - the client has no other way to its own settings

    def client(once: bool) -> ApiClient:
        return _client(given, workers, once=True) if once else first

    return DatabricksSession(client, warehouse)


def _client(given: Mapping[str, Any], workers: int, *, once: bool) -> ApiClient:
    from databricks.sdk.clock import RealClock
    from databricks.sdk.core import ApiClient, Config

    class Once(RealClock):
        """Ends the SDK's loop of retries where it would wait before the second attempt.

        `retry_timeout_seconds` alone cannot: 0 means the default, and 1 waits before it gives up, and hides the error.
        """

        def sleep(self, seconds: float) -> None:
            del seconds
            error = sys.exc_info()[1]
            assert error  # the SDK waits only after a failure
            raise error

    try:
        config = Config(
            **given,
            product="dpn",
            clock=Once() if once else RealClock(),
            # Short while the settings are made: the SDK asks the host about itself, and one that is not there would
            # hold up every command for as long as a call may be repeated.
            http_timeout_seconds=10,
            retry_timeout_seconds=1,
            # The SDK hands these two to its adapter crosswise, so both say the same.
            max_connection_pools=workers,
            max_connections_per_pool=workers,
        )
    except ValueError as error:
        raise DpnError(f"Databricks: {error}.", hint=_LOGIN) from error
    if not config.host:
        raise DpnError("Databricks: no workspace is named.", hint=_LOGIN)
    config.http_timeout_seconds = 60
    config.retry_timeout_seconds = 1 if once else 60
    return ApiClient(config)


_LOGIN = (
    "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or run `databricks auth login --host https://WORKSPACE`, "
    "or name a profile of ~/.databrickscfg in the provider's settings."
)
