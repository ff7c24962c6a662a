"""Records under new addresses, with what refers to them following."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dpn.model import Record
from dpn.references import ADDRESS

_ADDRESSED = re.compile(rf"\$\$\{{|\$\{{({ADDRESS})(?=[.}}])")


def moved(records: Mapping[str, Record], moves: Mapping[str, str]) -> dict[str, Record]:
    """Give the records under their new addresses, with what refers to them following; a new address in use stays."""
    real = {old: new for old, new in moves.items() if old in records and new not in records}
    if not real:
        return dict(records)
    return {real.get(address, address): _following(record, real) for address, record in records.items()}


def _following(record: Record, moves: Mapping[str, str]) -> Record:
    def one(found: re.Match[str]) -> str:
        return f"${{{moves.get(found[1], found[1])}" if found[1] else found[0]

    def text(value: Any) -> Any:
        if isinstance(value, str):
            return _ADDRESSED.sub(one, value) if "${" in value else value
        if isinstance(value, Mapping):
            return {key: text(item) for key, item in value.items()}
        return [text(item) for item in value] if isinstance(value, (list, tuple)) else value

    split = {key: key.rpartition("#") for key in record.bound}
    bound = {f"{moves.get(split[key][0], split[key][0])}#{split[key][2]}": at for key, at in record.bound.items()}
    return replace(
        record, address=moves.get(record.address, record.address), parent=moves.get(record.parent or "", record.parent),
        needs=tuple(sorted(moves.get(need, need) for need in record.needs)), spec=text(record.spec), bound=bound,
    )  # fmt: skip
