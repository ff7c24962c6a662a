"""From a request to its operation: the routes of the SDK, and the check of what is sent by their shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from dpn_sandbox.databricks.names import is_write, name_of
from dpn_sandbox.databricks.shapes import Shape, Shapes
from dpn_sandbox.databricks.workspace import ApiCall, ApiError
from dpn_sandbox.wire import Request

SERVICE = "databricks"
HOST = "host"
CONFIG = "/.well-known/databricks-config"
_ROUTES = Path(__file__).with_name("routes.json")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: method, segments of the path, and what query and body may hold (no body: None)."""

    operation: str
    method: str
    segments: tuple[str, ...]
    query: Shape
    body: Shape | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `body` is JSON as sent, None if it is empty or not JSON; `broken` says then why it is not."""

    service: str
    operation: str
    name: str
    write: bool
    route: Route | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    broken: str = ""


class Router:
    """The table of routes."""

    def __init__(self, routes: Iterable[Route], shapes: Shapes) -> None:
        """Take routes, which may be matched in any order, and the messages that they name."""
        self._shapes = shapes
        self._routes: dict[tuple[str, int], list[Route]] = {}
        # A literal segment goes before a parameter in its place.
        for route in sorted(routes, key=lambda route: [segment.startswith("{") for segment in route.segments]):
            self._routes.setdefault((route.method, len(route.segments)), []).append(route)

    def identify(self, request: Request) -> Call:
        """Name the call; a path without a route has no operation, and its name is the path."""
        path = request.target.partition("?")[0]
        if path == CONFIG:
            return Call(HOST, "config", "", write=False)
        found = self._match(request.method, path)
        if found is None:
            return Call(SERVICE, "", unquote(path), write=request.method not in ("GET", "HEAD"))
        route, parameters = found
        body, broken = _json(request.body)
        sent = body if isinstance(body, dict) else {}
        name = name_of({**request.query, **sent, **parameters})
        write = is_write(route.method, route.operation, sent)
        return Call(SERVICE, route.operation, name, write, route, parameters, body, broken)

    def check(self, call: Call, request: Request) -> ApiCall:
        """Take the request of a call apart for its handler; raise ApiError for what the API does not take."""
        route = call.route
        if route is None:
            raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {call.name}'.")
        if call.broken:
            raise ApiError(400, "MALFORMED_REQUEST", f"Invalid JSON given in the body of the request: {call.broken}.")
        query = request.query
        self._shapes.query(query, route.query)
        # A body that an operation does not take may be there all the same, if nothing is in it.
        body = self._shapes.body({} if call.body is None else call.body, route.body or Shape())
        return ApiCall(route.operation, call.path, query, body)

    def _match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        parts = [unquote(part) for part in path.removeprefix("/").split("/")]
        for route in self._routes.get((method, len(parts)), ()):
            pairs = list(zip(route.segments, parts, strict=True))
            if all(segment == part or (segment.startswith("{") and part) for segment, part in pairs):
                return route, {segment.strip("{}"): part for segment, part in pairs if segment.startswith("{")}
        return None


def load() -> Router:
    """Read the routes that `generate_routes.py` wrote."""
    data = json.loads(_ROUTES.read_text("utf-8"))
    messages = {name: _shape(given) for name, given in data["messages"].items()}
    enums = {name: tuple(values) for name, values in data["enums"].items()}
    return Router(map(_route, data["routes"]), Shapes(messages, enums))


def _route(row: Mapping[str, Any]) -> Route:
    segments = tuple(row["path"].removeprefix("/").split("/"))
    body = None if row["body"] is None else _shape(row["body"])
    return Route(row["operation"], row["method"], segments, _shape(row["query"]), body)


def _shape(given: Mapping[str, Any]) -> Shape:
    return Shape(given["fields"], tuple(given["required"]))


def _json(body: bytes) -> tuple[Any, str]:
    if not body.strip():
        return None, ""
    try:
        return json.loads(body), ""
    except (ValueError, RecursionError) as error:
        return None, str(error)
