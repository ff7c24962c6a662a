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
from dpn_sandbox import aws, databricks
from dpn_sandbox.home import Running
from dpn_sandbox.server import serve


@dataclass(frozen=True, slots=True)
class Served:
    """An emulator that runs."""

    running: Running

    @property
    def url(self) -> str:
        """Give its address."""
        return self.running.url

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace the fault rules (see `dpn_sandbox.faults`); an empty list switches all off."""
        self._ask("POST", "faults", list(rules))

    def requests(self) -> list[dict[str, Any]]:
        """Give each request since the start or the last reset: n, service, operation, name, method, write, status."""
        found: list[dict[str, Any]] = self._ask("GET", "requests")
        return found

    def writes(self) -> int:
        """Count the writing requests among them."""
        return sum(1 for request in self.requests() if request["write"])

    def objects(self) -> dict[str, dict[str, Any]]:
        """Give what there is.

        AWS: tags by bucket and by database, parameters by `database.table`. Databricks: each object by collection and
        key, which is its id, or its full name in Unity Catalog.
        """
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


class Sandbox(Served):
    """The sandbox's AWS."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Give the settings of the provider `aws` that lead to it."""
        return aws.settings(self.url)

    @property
    def env(self) -> Mapping[str, str]:
        """Give the environment variables that lead the AWS tools to it."""
        return aws.environment(self.url)

    def plant(self, bucket: str) -> None:
        """Make a bucket that belongs to another account."""
        self._ask("POST", "foreign", {"bucket": bucket})


class DatabricksSandbox(Served):
    """The sandbox's Databricks."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Give the settings of the provider `databricks` that lead to it."""
        return databricks.settings(self.url)

    @property
    def env(self) -> Mapping[str, str]:
        """Give the environment variables that lead the Databricks tools to it."""
        return databricks.environment(self.url)

    def plant(self, collection: str, key: str, value: Mapping[str, Any]) -> None:
        """Put an object there as it is, such as one that somebody else made, or a change that was made by hand.

        Collections and keys are as `objects` gives them.
        """
        self._ask("POST", "foreign", {"collection": collection, "key": key, "object": dict(value)})


@contextmanager
def running_sandbox(home: str | Path) -> Iterator[Sandbox]:
    """Run the sandbox's AWS in threads of this process; what its home remembers is there again.

    moto keeps its objects in the process: run one at a time.
    """
    with serve(World(), aws.files(str(home))) as (running, _):
        yield Sandbox(running)


@contextmanager
def running_databricks(home: str | Path) -> Iterator[DatabricksSandbox]:
    """Run the sandbox's Databricks in threads of this process; what its home remembers is there again.

    Any number may run at a time, each in a home of its own or beside the AWS of the same home.
    """
    with serve(World(), databricks.files(str(home))) as (running, _):
        yield DatabricksSandbox(running)
