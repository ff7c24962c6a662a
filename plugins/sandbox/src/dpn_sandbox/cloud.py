"""What the server asks of a cloud: the seam between the shared rooms and the packages `aws` and `databricks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dpn_sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from werkzeug.serving import WSGIRequestHandler

NAMES = ("aws", "databricks")


class Call(Protocol):
    """What a request means: fault rules match on it, and the list of requests shows it."""

    @property
    def service(self) -> str:
        """Give the service in the cloud's own short form."""

    @property
    def operation(self) -> str:
        """Give the name of the operation in the cloud's own words."""

    @property
    def name(self) -> str:
        """Give what the call is about; empty if nothing is named."""

    @property
    def write(self) -> bool:
        """Tell whether the call is made to change something."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a request gets from outside, kept so that a replay gives it the same again.

    `seed` fixes the identifiers that are made; `at` is the time in milliseconds since the epoch.
    """

    seed: int
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, and whether the objects changed: then the request is replayed at the next start."""

    reply: Reply
    changed: bool


C = TypeVar("C", bound=Call)


class Cloud(Protocol[C]):
    """One cloud in memory. The server calls `apply`, `reset`, `plant` and `inventory` one at a time."""

    name: str
    """The emulator's name, which its files begin with."""
    failure: str
    """The code of the error for what the sandbox itself cannot do."""

    @property
    def handler(self) -> type[WSGIRequestHandler]:
        """Give the class that reads requests off the connection."""

    def identify(self, request: Request) -> C:
        """Name the call; nothing is refused here."""

    def apply(self, call: C, request: Request, moment: Moment) -> Outcome:
        """Answer a call, and change the objects accordingly."""

    def error(self, call: C, status: int, code: str, message: str) -> Reply:
        """Give an error as the service of the call would."""

    def throttled(self, call: C) -> Reply:
        """Give what the service of the call says when it is asked too often."""

    def too_large(self) -> Reply:
        """Give what is said to a body over 64 MiB, of which nothing is read."""

    def kept(self, request: Request) -> Request:
        """Give the request as the log may keep it: what a replay needs, and no secrets."""

    def reset(self) -> None:
        """Drop all objects."""

    def plant(self, what: Mapping[str, Any]) -> None:
        """Make what somebody else has made; raise KeyError, TypeError or ValueError when it is not understood."""

    def inventory(self) -> Mapping[str, Mapping[str, Any]]:
        """Give all objects as JSON, by collection and key."""


def open_cloud(name: str) -> Cloud[Any]:
    """Give a cloud without objects; its modules are imported only here, since moto alone costs a second."""
    if name == "aws":
        from dpn_sandbox.aws.cloud import Aws  # noqa: PLC0415 - see above

        return Aws()
    from dpn_sandbox.databricks.cloud import Databricks  # noqa: PLC0415 - see above

    return Databricks()
