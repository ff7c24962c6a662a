"""Requests and replies as values, so that a request can be looked at, rewritten, kept and applied again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

_SUCCESS = 2
MAX_BODY = 64 * 1024 * 1024
# moto keeps the spelling of S3 metadata keys with `_` under this name (moto.core.request).
_SPELLING = "moto.preserved_header_names"


class TooLargeError(Exception):
    """A body is larger than the sandbox keeps in memory."""


class BadLengthError(Exception):
    """The length of a body is no number of bytes."""


class CutOffError(Exception):
    """The client went away before it had sent the whole body."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `target` is path and query as sent; `headers` have the names of WSGI (`HTTP_HOST`)."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    spelling: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> bytes:
        """Give the decoded path."""
        return unquote_to_bytes(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """Give the first value of each query parameter; one without a value is empty."""
        pairs = parse_qs(self.target.partition("?")[2], keep_blank_values=True)
        return {key: values[0] for key, values in pairs.items()}

    def header(self, name: str) -> str:
        """Give a header by its usual name; empty if it was not sent."""
        key = name.upper().replace("-", "_")
        return self.headers.get(key if key == "CONTENT_TYPE" else f"HTTP_{key}", "")

    def with_body(self, body: bytes) -> Request:
        """Give the request with another body."""
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply. `cut`: its end never comes · `drip`: the seconds in which its body comes, byte by byte."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False
    drip: float = 0

    @property
    def done(self) -> bool:
        """Tell whether what was asked was done."""
        return self.status // 100 == _SUCCESS

    def with_body(self, body: bytes) -> Reply:
        """Give the reply with another body; its length is set when it is sent."""
        return replace(self, body=body)


def from_environ(environ: Mapping[str, Any]) -> Request:
    """Read the whole request; raise TooLargeError for a body over 64 MiB, CutOffError for half of one.

    BadLengthError: nobody knows where the request ends.
    """
    given = str(environ.get("CONTENT_LENGTH") or 0)
    if not (given.isascii() and given.isdigit()):
        raise BadLengthError
    length = int(given)
    if length > MAX_BODY:
        raise TooLargeError
    stream = environ["wsgi.input"]
    # A chunked body has no length and ends by itself; one byte more than allowed tells that it is too long.
    body: bytes = stream.read(MAX_BODY + 1 if environ.get("wsgi.input_terminated") else length)
    if len(body) > MAX_BODY:
        raise TooLargeError
    if len(body) < length:  # nobody carries out half a request; the rest would even pass for a whole one without a body
        raise CutOffError
    dropped = ("HTTP_TRANSFER_ENCODING", "HTTP_CONNECTION", "HTTP_EXPECT")
    headers = {
        key: str(value)
        for key, value in environ.items()
        if (key.startswith("HTTP_") or key == "CONTENT_TYPE") and key not in dropped
    }
    return Request(environ["REQUEST_METHOD"], environ["RAW_URI"], headers, environ.get(_SPELLING, {}), body)


def to_environ(request: Request) -> dict[str, Any]:
    """Give the request as a WSGI server would; one that is replayed looks exactly as it did live."""
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.decode("latin-1"),
        "QUERY_STRING": request.target.partition("?")[2],
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        _SPELLING: dict(request.spelling),
        **request.headers,
    }
