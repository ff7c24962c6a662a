"""Edit a blueprint: set values of one resource, in the file as its author wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpn import blueprint, namers, overlay, splice
from dpn.desk import Desk, Options
from dpn.errors import DpnError, InputError
from dpn.world import World


@dataclass(frozen=True, slots=True)
class Edit:
    """A file before and after."""

    path: Path
    before: str
    after: str


def edit(options: Options, address: str, values: Mapping[str, str], world: World | None = None) -> Edit:
    """Set values of one resource's body (`spec.versioning`); nothing is written yet.

    A value is read as JSON if it is JSON, else as text. It is set where it comes from: in the environment's overlay if
    that has it, else in the resource itself. InputError: no such address, or the file cannot be edited safely.
    """
    desk = Desk(options, world)
    document = desk.document()
    if "[" in address:
        raise InputError(
            f"{address} shares its body with its siblings.", hint=f"Edit them together: {address.partition('[')[0]}"
        )
    environment = namers.chosen_environment(desk, document)
    loaded, problems = blueprint.load(document, environment)
    if loaded is None:
        raise InputError("The blueprint is not valid.", problems=tuple(problems))
    changed = document
    for field, text in values.items():
        path = overlay.locate(changed.data, environment, address, field)
        if path is None:
            raise InputError(f"{address} is not in {document.file}.", hint="Its address is KIND.ID, see dpn plan.")
        changed = splice.put(changed, path, _value(text))
    return Edit(desk.world.cwd / document.file, document.text, changed.text)


def write_edit(made: Edit, world: World | None = None, *, back: bool = False) -> None:
    """Write the edited text, or with `back` the former one; in place, so that its mode, owner and links stay."""
    disk = (world or World()).disk
    content = (made.before if back else made.after).encode()
    try:
        fd = disk.open(made.path.resolve())
        try:
            disk.write(fd, content, 0)
            disk.truncate(fd, len(content))
            disk.sync(fd)
        finally:
            disk.close(fd)
    except OSError as error:
        raise DpnError(f"{made.path} could not be written: {error.strerror or error}.") from error


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
