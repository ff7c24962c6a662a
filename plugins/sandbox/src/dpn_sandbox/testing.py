"""For tests: the sandbox in the foreground, with faults to switch on and counts to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from dpn import World
from dpn_sandbox.aws import environment, settings
from dpn_sandbox.home import Running
from dpn_sandbox.server import serve


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs."""

    running: Running

    @property
    def url(self) -> str:
        """Give its address."""
        return self.running.url

    @property
    def settings(self) -> Mapping[str, Any]:
        """Give the settings of the provider `aws` that lead to it."""
        return settings(self.url)

    @property
    def env(self) -> Mapping[str, str]:
        """Give the environment variables that lead the AWS tools to it."""
        return environment(self.url)

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the fault rules (see `dpn_sandbox.faults`); an empty list switches all off."""
        self._ask("POST", "faults", list(rules))

    def plant(self, bucket: str) -> None:
        """Make a bucket that belongs to another account."""
        self._ask("POST", "foreign", {"bucket": bucket})

    def requests(self) -> list[dict[str, Any]]:
        """Give each request since the start or the last reset: n, service, operation, name, method, write, status."""
        found: list[dict[str, Any]] = self._ask("GET", "requests")
        return found

    def objects(self) -> dict[str, dict[str, Any]]:
        """Give what there is: tags by bucket and by database, parameters by `database.table`."""
        found: dict[str, dict[str, Any]] = self._ask("GET", "objects")
        return found

    def reset(self) -> None:
        """Drop all objects, rules and counts."""
        self._ask("POST", "reset")

    def _ask(self, method: str, what: str, body: Any = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.running.port, timeout=10)
        try:
            connection.request(method, f"/_dpn/{what}", json.dumps(body), {"X-Dpn-Nonce": self.running.nonce})
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        finally:
            connection.close()
        if reply.status != HTTPStatus.OK:
            raise AssertionError(f"The sandbox refused {method} {what}: {answer['error']}")
        return answer


@contextmanager
def running_sandbox(home: str | Path) -> Iterator[Sandbox]:
    """Run a sandbox in threads of this process; what its home remembers is there again.

    moto keeps its objects in the process: run one at a time.
    """
    with serve(World(), str(home)) as (running, _):
        yield Sandbox(running)
