"""Databricks for the server: one workspace behind the routes of the SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from dpn_sandbox.cloud import Moment, Outcome
from dpn_sandbox.databricks import TOKEN, router
from dpn_sandbox.databricks.handlers import HANDLERS, begin
from dpn_sandbox.databricks.source import BEGINNING, Source
from dpn_sandbox.databricks.workspace import WORKSPACE_ID, ApiError, Handler, Workspace
from dpn_sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from werkzeug.serving import WSGIRequestHandler

ACCOUNT_ID = "acc00000-0000-4000-8000-000000000000"
_KEPT = ("CONTENT_TYPE", "HTTP_AUTHORIZATION")
_SECRET, _SECRET_VALUES = "Secrets.put_secret", ("string_value", "bytes_value")
_ORGANISATION = ("X-Databricks-Org-Id", str(WORKSPACE_ID))


class Databricks:
    """One workspace with its metastore."""

    name = "databricks"
    failure = "INTERNAL_ERROR"

    def __init__(self, handlers: Mapping[str, Handler] = HANDLERS, fill: Callable[[Workspace], None] = begin) -> None:
        """Begin with what `fill` puts into a fresh workspace; `handlers` answer the operations."""
        self._handlers = handlers
        self._fill = fill
        self._router = router.load()
        self._source = Source()
        self._workspace = self._fresh()

    @property
    def handler(self) -> type[WSGIRequestHandler]:
        from werkzeug.serving import WSGIRequestHandler

        return WSGIRequestHandler

    def identify(self, request: Request) -> router.Call:
        return self._router.identify(request)

    def apply(self, call: router.Call, request: Request, moment: Moment) -> Outcome:
        if call.service == router.HOST:
            return Outcome(_json(200, _config(request)), changed=False)
        moves = self._workspace.moves
        try:
            _admit(request)
            answer = self._answer(call, request, moment)
        except ApiError as refused:
            return Outcome(self.error(call, refused.status, refused.code, refused.message), changed=False)
        # A statement that only reads is kept too: it can be asked for later.
        changed = request.method != "GET" or self._workspace.moves != moves
        return Outcome(_json(200, answer), changed)

    def error(self, call: router.Call, status: int, code: str, message: str) -> Reply:
        if call.service == router.SERVICE and not call.operation and not call.name.startswith("/api/"):
            return _page(status, message)
        return _json(status, {"error_code": int(code) if code.isdecimal() else code, "message": message})

    def throttled(self, call: router.Call) -> Reply:
        reply = self.error(call, 429, "REQUEST_LIMIT_EXCEEDED", "Too many requests: the rate limit is exceeded.")
        # The service says from 1 upwards. Who sends again at once is not throttled, so that no test need wait.
        return replace(reply, headers=(*reply.headers, ("Retry-After", "0")))

    def too_large(self) -> Reply:
        return _json(413, {"error_code": "MAX_REQUEST_SIZE_EXCEEDED", "message": "Bodies may have up to 64 MiB."})

    def kept(self, request: Request) -> Request:
        headers = {key: request.headers[key] for key in _KEPT if key in request.headers}
        call = self.identify(request)
        if call.operation != _SECRET:
            return replace(request, headers=headers)
        # The value of a secret is never given out again, so nothing is lost by not keeping it.
        body = {key: "" if key in _SECRET_VALUES else value for key, value in call.body.items()}
        return replace(request, headers=headers, body=json.dumps(body).encode())

    def reset(self) -> None:
        self._workspace = self._fresh()

    def plant(self, what: Mapping[str, Any]) -> None:
        """Put `object` under `key` of `collection`, as it is."""
        self._workspace.of(str(what["collection"]))[str(what["key"])] = dict(what["object"])

    def inventory(self) -> Mapping[str, Mapping[str, Any]]:
        return deepcopy(self._workspace.collections)

    def _answer(self, call: router.Call, request: Request, moment: Moment) -> dict[str, Any]:
        taken = self._router.check(call, request)
        handler = self._handlers.get(taken.operation)
        if handler is None:
            raise ApiError(501, "NOT_IMPLEMENTED", f"The sandbox does not have {taken.operation}.")
        self._source.begin(moment)
        return handler(self._workspace, taken)

    def _fresh(self) -> Workspace:
        self._source.begin(BEGINNING)
        workspace = Workspace(self._source.digits, self._source.now)
        self._fill(workspace)
        return workspace


def _admit(request: Request) -> None:
    given = request.header("Authorization")
    if not given:
        raise ApiError(401, "401", "Credential was not sent or was of an unsupported type for this API.")
    if given != f"Bearer {TOKEN}":
        raise ApiError(403, "403", "Invalid access token.")


def _config(request: Request) -> dict[str, Any]:
    """Give what a host says of itself before anybody has signed in."""
    address = f"http://{request.header('Host')}"
    return {"oidc_endpoint": f"{address}/oidc", "account_id": ACCOUNT_ID, "workspace_id": str(WORKSPACE_ID)}


def _json(status: int, value: Mapping[str, Any]) -> Reply:
    return Reply(status, (("Content-Type", "application/json"), _ORGANISATION), json.dumps(value).encode())


def _page(status: int, message: str) -> Reply:
    """Give what a host answers outside of its API: a page for people."""
    text = f"<html><head><title>{status}</title></head><body><pre>{escape(message)}</pre></body></html>\n"
    return Reply(status, (("Content-Type", "text/html"), _ORGANISATION), text.encode())
