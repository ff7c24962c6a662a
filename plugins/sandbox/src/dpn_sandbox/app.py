"""The WSGI application: who may ask, faults, and the log of what was applied; the cloud behind it gives the answers."""

from __future__ import annotations

import os
import signal
import socket
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from dpn import World
from dpn_sandbox import control
from dpn_sandbox.cloud import Call, Cloud, Moment, Outcome
from dpn_sandbox.faults import Faults, Rule
from dpn_sandbox.log import RequestLog
from dpn_sandbox.pulse import Pulse
from dpn_sandbox.wire import BadLengthError, CutOffError, Reply, Request, TooLargeError, from_environ

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_REMEMBERED = 100_000
_PAGE = b"<!doctype html><title>Please log in</title><p>This network wants to know who you are.\n"
_PHRASES = {int(status): status.phrase for status in HTTPStatus}


class DroppedError(ConnectionAbortedError):
    """The connection is to be closed without a reply."""


class Application:
    """A cloud behind one port. A cloud need not be made for threads, so one call at a time is applied."""

    def __init__(
        self,
        world: World,
        cloud: Cloud[Any],
        log: RequestLog,
        pulse: Pulse,
        *,
        nonce: str,
        note: Callable[[str], None],
    ) -> None:
        """Begin with the objects that the log brings back."""
        self.nonce = nonce
        self.cloud = cloud
        self.pulse = pulse
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self.lock: AbstractContextManager[bool] = threading.Lock()
        self._world = world
        self._log = log
        self._note = note
        self._count = 0
        self._replay()

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, or close its connection."""
        with self.pulse.beat() as alive:
            try:
                reply = self._answer(environ) if alive else Reply(503, (), b"The sandbox is ending.\n")
            except DroppedError:
                _hang_up(environ)
                raise
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else reply.body
        headers = [(name, text) for name, text in reply.headers if not (reply.cut and name == "Content-Length")]
        if not any(name == "Content-Length" for name, _ in headers):
            headers.append(("Content-Length", str(len(body) + reply.cut)))
        start_response(f"{reply.status} {_PHRASES.get(reply.status, 'Unknown')}", headers)
        return self._sent(reply, body, environ) if reply.cut or reply.drip else [body]

    def _sent(self, reply: Reply, body: bytes, environ: Mapping[str, Any]) -> Iterator[bytes]:
        """Give the body as the rule wants it to come."""
        yield b""  # sends the headers, also where there is no body
        for at in range(len(body)):
            self._world.sleep(reply.drip / len(body))
            yield body[at : at + 1]
        if reply.cut:
            _hang_up(environ)
            raise DroppedError

    def reset(self) -> None:
        """Drop all objects, the log, the rules and the list of requests."""
        with self.lock:
            self.cloud.reset()
            self._log.clear()
            self.requests.clear()
            self._count = 0
        self.faults.set([])

    def plant(self, what: Mapping[str, Any]) -> None:
        """Make what somebody else has made, also after a restart."""
        with self.lock:
            self.cloud.plant(what)
            self._log.append(control.planting(what), self._moment())

    def _answer(self, environ: Mapping[str, Any]) -> Reply:
        if environ.get("HTTP_HOST", "").rpartition(":")[0] not in _LOOPBACK or "HTTP_ORIGIN" in environ:
            # A web page that a browser shows can reach loopback, under its own name or by a cross-site request.
            return Reply(403, (), b"The sandbox answers programs on this machine, not web pages.\n")
        try:
            request = from_environ(environ)
        except BadLengthError:
            return Reply(400, (("Connection", "close"),), b"Content-Length is a number of bytes.\n")
        except TooLargeError:
            return self.cloud.too_large()
        except CutOffError as error:
            raise DroppedError from error
        if request.path.startswith(b"/_dpn/"):
            return control.answer(self, request)
        return self._serve(self.cloud.identify(request), request)

    def _serve(self, call: Call, request: Request) -> Reply:
        entry = self._remember(call, request)
        wait, rule = self.faults.pick(call)
        if wait:
            self._world.sleep(wait)
        reply = self._carry_out(rule, call, request) if rule else self._apply(call, request)
        entry["status"] = reply.status
        return reply

    def _carry_out(self, rule: Rule, call: Call, request: Request) -> Reply:
        if rule.kind == "throttle":
            return self.cloud.throttled(call)
        applied = rule.applied or rule.kind in ("lost_reply", "cut", "drip", "kill")
        reply = self._apply(call, request) if applied else None
        if rule.kind == "kill":
            os.kill(rule.pid, signal.SIGKILL)
        if rule.kind == "error":
            return self.cloud.error(call, rule.status, rule.code, rule.message)
        if rule.kind == "garbage":
            return Reply(rule.status, (("Content-Type", "text/html"),), _PAGE)
        if reply and rule.kind in ("cut", "drip"):
            return replace(reply, cut=rule.kind == "cut", drip=rule.seconds)
        raise DroppedError

    def _remember(self, call: Call, request: Request) -> dict[str, Any]:
        entry: dict[str, Any] = {"n": 0, "service": call.service, "operation": call.operation, "name": call.name}
        # The status of 0 stands until there is a reply, and for good where there is none.
        entry |= {"method": request.method, "write": call.write, "status": 0}
        with self.lock:
            entry["n"] = self._count = self._count + 1
            self.requests.append(entry)
        return entry

    def _apply(self, call: Call, request: Request) -> Reply:
        with self.lock:
            moment = self._moment()
            outcome = self._ask(call, request, moment)
            if outcome.changed:
                self._log.append(self.cloud.kept(request), moment)
        return outcome.reply

    def _ask(self, call: Call, request: Request, moment: Moment) -> Outcome:
        try:
            return self.cloud.apply(call, request, moment)
        except Exception:  # noqa: BLE001 - a cloud raises what it likes at odd input; the client shall see an answer
            self._note(f"{call.service} {call.operation} {call.name}\n{traceback.format_exc()}")
            why = f"The sandbox failed; its log ({self.cloud.name}.log) tells why."
            return Outcome(self.cloud.error(call, 500, self.cloud.failure, why), changed=False)

    def _moment(self) -> Moment:
        return Moment(self._world.rng.getrandbits(64), int(self._world.clock.now() * 1000))

    def _replay(self) -> None:
        for request, moment in self._log.replay():
            if request.target == control.PLANT:
                self.cloud.plant(control.planted(request))
            else:
                self._ask(self.cloud.identify(request), request, moment)


def _hang_up(environ: Mapping[str, Any]) -> None:
    with suppress(OSError):  # the client may have gone first
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
