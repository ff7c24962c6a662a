"""The snapshot of a stack: state.json, fit for `less` and `diff`: one record a line, and a checksum at its end.

The last line holds the SHA-256 of all bytes before it; that stays so in every format. A file that is empty, cut or
changed is damaged, never "no resources".
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dpn import codec
from dpn.errors import DamagedError, PluginError
from dpn.extensions import Snapshot
from dpn.model import Record
from dpn.version import VERSION

FORMAT = 1
"""The version of the state file and of the journal's header."""

_SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"\n}\n')
_SEAL_LENGTH = 64 + len('"sha256": ""\n}\n')


@dataclass(frozen=True, slots=True)
class State:
    """A committed snapshot and the id of the transaction that it came from (empty if from none).

    The id tells whether a journal that was not put away is already contained: its header has the same one.
    """

    snapshot: Snapshot
    transaction: str = ""


def encode(state: State) -> bytes:
    """Give the file's bytes: the same for the same state."""
    snapshot = state.snapshot
    head = {
        "format": FORMAT,
        "dpn": VERSION,
        "stack": snapshot.stack,
        "lineage": snapshot.lineage,
        "serial": snapshot.serial,
        "generation": snapshot.generation,
        "transaction": state.transaction,
    }
    lines = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    records = [f"{_json(address)}: {_json(record)}" for address, record in sorted(snapshot.records.items())]
    lines.append(_block('"records": {', records, "}"))
    lines.append(_block('"watch": [', [_json(entry) for entry in snapshot.watch], "]"))
    body = ("{\n" + ",\n".join(lines) + ",\n").encode("ascii")
    return b'%s"sha256": "%s"\n}\n' % (body, hashlib.sha256(body).hexdigest().encode())


def _block(start: str, lines: list[str], end: str) -> str:
    return "\n".join([start, ",\n".join(lines), end]) if lines else start + end


def _json(value: Any) -> str:
    return json.dumps(codec.dump(value), sort_keys=True)


def committed(
    now: Snapshot, lineage: str, records: Mapping[str, Record], watch: Iterable[Mapping[str, Any]]
) -> Snapshot:
    """Give the snapshot after a commit: the next serial, these records and this watch list."""
    watching = tuple(dict(item) for item in watch)
    return replace(now, lineage=lineage, serial=now.serial + 1, records=dict(records), watch=watching)


def restored(now: Snapshot, earlier: Snapshot) -> Snapshot:
    """Give the snapshot after an earlier one was put back, under a serial that neither of the two has had."""
    serial = max(earlier.serial, now.serial + 1)
    return replace(now, lineage=earlier.lineage, serial=serial, records=earlier.records, watch=earlier.watch)


def seal(data: bytes | None) -> bytes:
    """Give the end of the file, which tells one content from another; empty if there is no file."""
    return (data or b"")[-_SEAL_LENGTH:]


def decode(data: bytes, path: Path | str) -> State:
    """Read the file's bytes; `path` is for the messages: a file, or as text an object of a store.

    DamagedError when they are not what was written; PluginError when a newer dpn wrote them.
    """
    sealed = _SEAL.fullmatch(seal(data))
    sound = sealed is not None and hashlib.sha256(data[:-_SEAL_LENGTH]).hexdigest().encode() == sealed[1]
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise damaged_state(path, "is empty" if not data.strip(b"\0 \n") else "is cut off or no JSON")
    refuse_newer(content, path)
    if not sound:
        raise damaged_state(path, "was changed: its checksum does not match")
    try:
        return _load(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged_state(path, f"has a valid checksum and no valid content ({error!r})") from error


def _load(content: Mapping[str, Any]) -> State:
    records = {address: codec.load(Record, data) for address, data in content["records"].items()}
    if any(address != record.address for address, record in records.items()):
        raise ValueError("a record stands under another record's address")
    snapshot = Snapshot(
        stack=str(content["stack"]),
        lineage=str(content["lineage"]),
        serial=int(content["serial"]),
        generation=int(content["generation"]),
        records=records,
        watch=tuple(dict(entry) for entry in content["watch"]),
    )
    return State(snapshot, str(content["transaction"]))


def refuse_newer(content: Mapping[str, Any], path: Path | str) -> None:
    """Refuse a file whose `format` is newer than ours (PluginError), naming both versions of dpn."""
    written = content.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise PluginError(
            f"{path} was written by dpn {content.get('dpn', '(unknown)')} in format {written}; "
            f"this is dpn {VERSION}, which reads up to format {FORMAT}.",
            hint="Install the newer one: pip install --upgrade dpn",
        )


def damaged_state(path: Path | str, why: str) -> DamagedError:
    """Give the error for a state that cannot be trusted."""
    kept = (
        f'If {path}.backup is there, it is the last good copy: look at it and put it in place (cp "{path}.backup" '
        f'"{path}").'
        if isinstance(path, Path)
        else "The states before it are in the folder `versions` beside it: look at the newest and put it in its place."
    )
    return DamagedError(
        f"The state {path} {why}. Nothing was written.", hint=f"{kept} dpn doctor shows what exists in the cloud."
    )
