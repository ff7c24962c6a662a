"""The endpoints under /_dpn/, for dpn itself and for tests. Each needs the secret of the file `EMULATOR.json`."""

from __future__ import annotations

import hmac
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from dpn_sandbox.cloud import Cloud
from dpn_sandbox.faults import BadRuleError, Faults
from dpn_sandbox.pulse import Pulse
from dpn_sandbox.wire import Reply, Request

PLANT = "/_dpn/foreign"


class Controlled(Protocol):
    """What the endpoints need of the application."""

    nonce: str
    cloud: Cloud[Any]
    pulse: Pulse
    faults: Faults
    lock: AbstractContextManager[bool]
    requests: deque[dict[str, Any]]

    def reset(self) -> None: ...
    def plant(self, what: Mapping[str, Any]) -> None: ...


def answer(app: Controlled, request: Request) -> Reply:
    """Answer a control request: 403 without the secret (header X-Dpn-Nonce, or `nonce` in the query), else JSON."""
    given = request.header("X-Dpn-Nonce") or request.query.get("nonce", "")
    if not hmac.compare_digest(given.encode(), app.nonce.encode()):
        return _json(403, {"error": f"The secret of {app.cloud.name}.json is needed, in the header X-Dpn-Nonce."})
    act = _ENDPOINTS.get((request.method, request.target.partition("?")[0]))
    if act is None:
        known = ", ".join(f"{method} {path}" for method, path in _ENDPOINTS)
        return _json(404, {"error": f"There is {known}."})
    try:
        return _json(200, act(app, request))
    except (BadRuleError, ValueError, KeyError, TypeError) as error:
        return _json(400, {"error": f"{type(error).__name__}: {error}"})


def planting(what: Mapping[str, Any]) -> Request:
    """Give the request under which the log keeps what was planted."""
    return Request("POST", PLANT, body=json.dumps(what).encode())


def planted(request: Request) -> dict[str, Any]:
    """Give what to plant."""
    return dict(json.loads(request.body))


def _health(app: Controlled, request: Request) -> Any:
    del app, request
    return {"pid": os.getpid()}


def _stop(app: Controlled, request: Request) -> Any:
    del request
    app.pulse.end()
    return {}


def _reset(app: Controlled, request: Request) -> Any:
    del request
    app.reset()
    return {}


def _set_faults(app: Controlled, request: Request) -> Any:
    app.faults.set(json.loads(request.body))
    return {}


def _clear_faults(app: Controlled, request: Request) -> Any:
    del request
    app.faults.set([])
    return {}


def _plant(app: Controlled, request: Request) -> Any:
    app.plant(planted(request))
    return {}


def _requests(app: Controlled, request: Request) -> Any:
    del request
    with app.lock:
        return list(app.requests)


def _objects(app: Controlled, request: Request) -> Any:
    del request
    with app.lock:
        return app.cloud.inventory()


def _json(status: int, value: Any) -> Reply:
    return Reply(status, (("Content-Type", "application/json"),), json.dumps(value).encode())


_ENDPOINTS: Mapping[tuple[str, str], Callable[[Controlled, Request], Any]] = {
    ("GET", "/_dpn/health"): _health,
    ("POST", "/_dpn/stop"): _stop,
    ("POST", "/_dpn/reset"): _reset,
    ("POST", "/_dpn/faults"): _set_faults,
    ("DELETE", "/_dpn/faults"): _clear_faults,
    ("POST", PLANT): _plant,
    ("GET", "/_dpn/requests"): _requests,
    ("GET", "/_dpn/objects"): _objects,
}
