"""The provider `acme`: tables of the Acme service, which keeps each table as a JSON file in a folder."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import dpn


class Service:
    """The client of the service. A service with an SDK brings its own."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).absolute()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def get(self, name: str) -> Any:
        return json.loads(self.path(name).read_bytes()) if self.path(name).exists() else None

    def save(self, name: str, table: Mapping[str, Any], *, new: bool = False) -> None:
        draft = self.folder / f".{uuid.uuid4().hex}"
        draft.write_text(json.dumps(table, indent=1))
        try:
            (os.link if new else os.replace)(draft, self.path(name))  # a link refuses a name that is taken
        finally:
            draft.unlink(missing_ok=True)


class Table(dpn.Kind):
    """A table of Acme. `Ref.id` is what the service calls it for ever."""

    kind = "acme_table"
    name_rule = dpn.NameRule("[a-z][a-z0-9_]*", max=40, separator="_", case="lower", bad=("1st", "Orders", "two-words"))
    default_pattern = "{project}_{entity}_{environment}"
    variables: ClassVar[Mapping[str, dpn.Variable]] = {"entity": dpn.Variable("What its rows are: orders, customers.")}
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["columns"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}, "description": "The columns in their order."},
            "format": {"enum": ["row", "column"], "default": "row", "description": "How rows are kept, for ever."},
            "keep_days": {"type": "integer", "minimum": 1, "description": "Delete rows that are older."},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Your own tags."},
        },
    }
    immutable = frozenset({"format"})
    parts = (dpn.Part("definition", ("columns", "tags"), at_birth=True), dpn.Part("age", ("keep_days",)))
    marker = "tags"
    settle = 0  # a file can be seen at once
    lists = "full"
    session: Service

    def create(self, want: dpn.Want) -> dpn.Ref:
        table = {"id": uuid.uuid4().hex, "columns": want.spec["columns"], "format": want.spec["format"]}
        self.session.save(want.name, {**table, "tags": want.tags}, new=True)
        return dpn.Ref(self.kind, want.name, table["id"])

    def put(self, ref: dpn.Ref, part: str, want: dpn.Want, seen: dpn.Observed) -> None:
        definition = {"columns": want.spec["columns"], "tags": want.tags}
        new = definition if part == "definition" else {"keep_days": want.spec.get("keep_days")}
        self.session.save(ref.name, {**self.session.get(ref.name), **new})

    def read(self, ref: dpn.Ref) -> dpn.Observed | None:
        table = self.session.get(ref.name)
        if table is None or ref.id not in (None, table["id"]):
            return None
        found, marker = dpn.Ref(self.kind, ref.name, table.pop("id")), dpn.Marker.from_tags(table["tags"])
        return dpn.Observed(found, {**table, "tags": dpn.user_tags(table["tags"])}, marker)

    def list(self, scope: dpn.Ref | None) -> Iterator[dpn.Observed]:
        yield from filter(None, (self.read(dpn.Ref(self.kind, one.stem)) for one in self.session.folder.glob("*.json")))

    def delete(self, ref: dpn.Ref, seen: dpn.Observed) -> None:
        self.session.path(ref.name).unlink(missing_ok=True)

    def mark(self, ref: dpn.Ref, marker: dpn.Marker | None, seen: dpn.Observed) -> None:
        tags = {**seen.spec["tags"], **(marker.tags() if marker else {})}
        self.session.save(ref.name, {**self.session.get(ref.name), "tags": tags})


def errors(error: Exception, method: str) -> dpn.Fault:
    """Tell what an error means: whether the request may have been carried out."""
    refused = isinstance(error, FileExistsError | FileNotFoundError | PermissionError)
    return dpn.Fault("not_applied" if refused else "unknown", type(error).__name__, f"{method} failed: {error}")


@dpn.hookimpl
def dpn_providers() -> Iterable[dpn.Provider]:
    """Offer the provider."""
    settings = {"type": "object", "required": ["folder"], "properties": {"folder": {"type": "string"}}}
    yield dpn.Provider("acme", (Table,), lambda given: Service(given["folder"]), errors, config_schema=settings)
