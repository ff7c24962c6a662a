"""The form of the journal: `crc32 length seq json`, one record a line, so that `less` shows it and damage shows itself.

crc32: 8 hexadecimal digits over all that follows up to the line's end. length: of the JSON in bytes. seq: counts from
0, which is the header, without gaps. The JSON is ASCII without line breaks, so no text in a record can pass for one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from dpn import codec
from dpn.errors import DamagedError

Entry = Mapping[str, Any]

_HEAD = re.compile(rb"([0-9a-f]{8}) (\d{1,9}) (\d{1,9}) ")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a journal holds. `entries[n]` is the record with sequence number n.

    good_length: bytes of the entries; torn: bytes behind them that are half a record, to be cut.
    """

    entries: tuple[Entry, ...]
    good_length: int
    torn: int


def encode(seq: int, entry: Entry) -> bytes:
    """Give the line of a record; TypeError when the entry is not JSON."""
    body = json.dumps(codec.dump(entry), separators=(",", ":")).encode("ascii")
    checked = b"%d %d %s" % (len(body), seq, body)
    return b"%08x %s\n" % (crc32(checked), checked)


def record_at(data: bytes, offset: int = 0) -> tuple[int, Entry, int] | None:
    """Give sequence number, entry and end of the record that begins at `offset`; None if no whole one does."""
    head = _HEAD.match(data, offset)
    if not head:
        return None
    end = head.end() + int(head[2])
    if data[end : end + 1] != b"\n" or b"%08x" % crc32(data[head.start(2) : end]) != head[1]:
        return None
    try:
        entry = json.loads(data[head.end() : end])
    except (ValueError, RecursionError):
        return None
    return (int(head[3]), entry, end + 1) if isinstance(entry, dict) else None


def decode(data: bytes, name: str = "journal") -> Scan:
    """Read a journal up to where its writer came; `name` is the file that an error names.

    Zeros behind the last record are reserved space. A record that is not whole is torn if nothing valid follows it: its
    writer died before it was durable. DamagedError when something valid does follow, and for numbers out of order.
    """
    entries: list[Entry] = []
    offset = 0
    while record := record_at(data, offset):
        seq, entry, end = record
        if seq != len(entries):
            raise _damaged(name, offset, len(entries), f"record {seq} stands where record {len(entries)} belongs")
        entries.append(entry)
        offset = end
    torn = len(data[offset:].rstrip(b"\0"))
    if torn and (later := _next_record(data, offset + 1)):
        raise _damaged(name, offset, len(entries), f"a record is spoilt, yet record {later[0]} follows it")
    return Scan(tuple(entries), offset, torn)


def _next_record(data: bytes, offset: int) -> tuple[int, Entry, int] | None:
    while head := _HEAD.search(data, offset):
        if record := record_at(data, head.start()):
            return record
        offset = head.start() + 1
    return None


def _damaged(name: str, offset: int, count: int, why: str) -> DamagedError:
    last = f"the last good record is number {count - 1}" if count else "no record before it is good"
    return DamagedError(
        f"The journal {name} is damaged at byte {offset}: {why}; {last}. Nothing was written.",
        hint="Run dpn doctor: it shows what is recorded and what exists in the cloud.",
    )
