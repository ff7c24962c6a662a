"""The marker: three tags by which dpn knows after any crash what is its own."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"\s*\[dpn op=(\S+) stack=(\S+) addr=(\S+)\]")


def address_hash(address: str) -> str:
    """Give the `dpn_addr` tag of an address: 16 lower base-32 characters of its SHA-256."""
    return b32encode(hashlib.sha256(address.encode()).digest()).decode()[:16].lower()


@dataclass(frozen=True, slots=True)
class Marker:
    """The three tags on what dpn creates; all values fit `[a-z0-9_-]{1,63}`.

    stack: the stack's key with `.` as `--`; addr: `address_hash` of the address; op: the ULID of the
    creating intent in lower case.
    """

    stack: str
    addr: str
    op: str

    def tags(self) -> dict[str, str]:
        """Give the marker as tags, parameters or properties."""
        return {"dpn_stack": self.stack, "dpn_addr": self.addr, "dpn_op": self.op}

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Marker | None:
        """Read the marker out of tags; None if one of the three is missing."""
        try:
            return cls(tags["dpn_stack"], tags["dpn_addr"], tags["dpn_op"])
        except KeyError:
            return None

    def comment(self, text: str = "") -> str:
        """Give `text` with the marker behind it, for kinds that have only a comment."""
        return f"{text} [dpn op={self.op} stack={self.stack} addr={self.addr}]".strip()

    @classmethod
    def from_comment(cls, text: str) -> tuple[Marker | None, str]:
        """Split a comment into the marker, if there is one, and the user's own text."""
        found = _COMMENT.search(text)
        if not found:
            return None, text
        op, stack, addr = found.groups()
        return cls(stack, addr, op), text[: found.start()] + text[found.end() :]


def user_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Give the tags without the marker: what a person set."""
    return {key: value for key, value in sorted(tags.items()) if not key.startswith("dpn_")}
