"""Tables of what is recorded and of what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dpn import codec
from dpn.model import Record
from dpn.report.text import Line, clean, shown, table


def seen_lines(seen: Iterable[Mapping[str, Any]], *, verbose: bool, width: int) -> list[Line]:
    """Give the live resources as a table; with `verbose`, each with its attributes."""
    rows = list(seen)
    if not rows:
        return [Line("No resources.")]
    if not verbose:
        cells = [(row["address"], row["name"], row["status"] if row["exists"] else "absent") for row in rows]
        return table(("ADDRESS", "NAME", "STATUS"), cells)
    lines: list[Line] = []
    for row in rows:
        lines.append(Line(f"{clean(row['address'])}  {clean(row['name'])}  {clean(row['status'])}", "bold"))
        lines += [
            Line(f"  {clean(key)}: {shown(value, width - len(key) - 4)}") for key, value in row["attributes"].items()
        ]
    return lines


def state_rows(records: Mapping[str, Record], unsettled: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the records in the fixed shape. `unsettled` gives the status of addresses of a run that has not ended."""
    rows = [_row(record, unsettled) for record in records.values()]
    rows += [
        {"address": address, "kind": address.partition(".")[0], "name": None, "id": None, "status": status}
        for address, status in unsettled.items()
        if address not in records
    ]
    return sorted(rows, key=lambda row: str(row["address"]))


def _row(record: Record, unsettled: Mapping[str, str]) -> dict[str, Any]:
    status = unsettled.get(record.address, record.status)
    return {"address": record.address, "kind": record.kind, "name": record.name, "id": record.id, "status": status}


def state_lines(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Give the records as a table."""
    cells = [(row["address"], row["name"] or "(unknown)", row["status"]) for row in rows]
    return table(("ADDRESS", "NAME", "STATUS"), cells) if cells else [Line("No resources.")]


def record_data(record: Record) -> dict[str, Any]:
    """Give all that is recorded; fields that hold their default are left out."""
    data: dict[str, Any] = codec.dump(record)
    return data


def record_lines(record: Record, width: int) -> list[Line]:
    """Give all that is recorded, a field a line."""
    lines = [Line(clean(record.address), "bold")]
    for name, value in record_data(record).items():
        if isinstance(value, Mapping):
            lines.append(Line(f"  {name}:"))
            lines += [Line(f"    {clean(key)}: {shown(item, width - len(key) - 6)}") for key, item in value.items()]
        elif name != "address":
            lines.append(Line(f"  {name}: {clean(value) if isinstance(value, str) else shown(value, width)}"))
    return lines


def history_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each ended run: when (UTC), which command, its outcome, the serial it began from, its number of entries."""
    return [
        {
            "time": _utc(row.get("time")), "command": row.get("command", ""), "entries": row.get("entries", 0),
            "outcome": "damaged" if "damaged" in row else row.get("outcome", "open"), "serial": row.get("serial"),
            "file": row.get("file", ""),
        }
        for row in rows
    ]  # fmt: skip


def history_lines(rows: Iterable[Mapping[str, Any]], *, is_open: bool = False) -> list[Line]:
    """Give the ended runs as a table, the oldest first."""
    cells = [(row["time"] or "?", row["command"] or "?", row["outcome"], row["file"]) for row in rows]
    if not cells:
        return [Line("No run has ended yet." if is_open else "Nothing was done yet.")]
    return table(("TIME (UTC)", "COMMAND", "OUTCOME", "JOURNAL"), cells)


def _utc(seconds: Any) -> str | None:
    if not isinstance(seconds, (int, float)):
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
