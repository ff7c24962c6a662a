"""The provider `mem` over an in-memory cloud, for tests of dpn and of plugins.

The objects live in a `Cloud`, which a test keeps while engines come and go over it.
"""

from __future__ import annotations

from dpn import hookimpl
from dpn.model import Fault
from dpn.provider import Identity, Provider
from dpn.testing.cloud import Cloud, CloudError
from dpn.testing.memory_kinds import Box, Label, Robot, Shelf

__all__ = ["Box", "Cloud", "CloudError", "Label", "MemoryPlugin", "Robot", "Shelf", "classify", "provider"]


def classify(error: Exception, method: str) -> Fault:
    """Classify what the cloud raises."""
    if not isinstance(error, CloudError):
        return Fault("unknown", "BUG", repr(error))
    if error.outcome == "throttle":
        return Fault("throttled", error.code, "too many requests")
    if error.outcome in ("drop", "lose"):
        return Fault("unknown", error.code, f"no reply to {method}")
    return Fault("not_applied", error.code, f"{method} was refused: {error.code}")


def provider(cloud: Cloud) -> Provider:
    """Give the provider `mem` over a cloud."""
    return Provider(
        "mem", (Box, Shelf, Robot, Label), connect=lambda _: cloud, errors=classify,
        identity=lambda session: Identity(session.account, "memory"),
        region_codes={"north-1": "n1", "south-1": "s1"},
    )  # fmt: skip


class MemoryPlugin:
    """A plugin object with the provider `mem`, to be passed to `dpn.plugins.load(objects=…)`."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud()

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        """Offer the provider."""
        return [provider(self.cloud)]
