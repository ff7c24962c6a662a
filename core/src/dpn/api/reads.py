"""Read what is there: stacks, live resources, schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from dpn import blueprint, envelope, flow, guard, namers, plugins, references
from dpn.blueprint import Blueprint
from dpn.desk import Desk, Options
from dpn.errors import InputError
from dpn.extensions import Backend
from dpn.model import Observed, Record, Resource
from dpn.observe import Observer, refuse_faults
from dpn.plugins import Installed
from dpn.provider import Kind, KindInfo
from dpn.targets import targets
from dpn.world import World

SENSITIVE = "(sensitive)"
"""Stands for a value that is not shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One recorded resource as it is in the cloud now."""

    address: str
    kind: str
    name: str
    exists: bool
    attributes: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    status: str = ""


def stack_key(desk: Desk) -> tuple[str, Blueprint | None]:
    """Give the stack that a command means, and the blueprint if it comes from one; open the backend that it is in.

    `--stack`, else the blueprint that was named or lies here, else the only stack of the home; else InputError lists
    them.
    """
    if desk.options.stack:
        open_here(desk)
        return _known(desk, desk.options.stack), None
    if loaded := blueprint_here(desk):
        desk.backend(loaded.state)
        return loaded.key, loaded
    keys = desk.backend().stacks()
    if len(keys) == 1:
        return keys[0], None
    raise InputError(
        f"Which stack? There are {len(keys)}: {', '.join(keys)}." if keys else "There is no stack yet.",
        hint="Name one: --stack KEY" if keys else "Make one: dpn apply FILE",
    )


def blueprint_here(desk: Desk) -> Blueprint | None:
    """Give the blueprint that was named or lies here; InputError if it is not valid."""
    if not (desk.options.file or desk.default_file()):
        return None
    document = desk.document()
    loaded, problems = blueprint.load(document, namers.chosen_environment(desk, document))
    if loaded is None:
        raise InputError("The blueprint is not valid.", problems=tuple(problems))
    return loaded


def open_here(desk: Desk) -> Backend:
    """Open the backend of `state_here`, whatever stack is meant."""
    return desk.backend(state_here(desk))


def state_here(desk: Desk) -> Mapping[str, Any]:
    """Give where the blueprint that was named or lies here keeps its state; empty if config.yaml is to tell."""
    if desk.options.sandbox or not (desk.options.file or desk.default_file()):
        return {}
    document = desk.document()
    environment = (desk.options.stack or "").rpartition(".")[2] or namers.chosen_environment(desk, document)
    return blueprint.state_of(document, environment)


def existing(desk: Desk, loaded: Blueprint | None) -> tuple[Resource, ...]:
    """Give what the blueprint only refers to: it is never deleted, and what stands in it is found by it."""
    if loaded is None or not any(item.existing for item in loaded.items):
        return ()
    return tuple(resource for resource in flow.desired(desk).resources if resource.existing)


def _known(desk: Desk, key: str) -> str:
    """Refuse a key that is of no stack; one whose only runs were undone has a history and no state."""
    keys = desk.backend().stacks()
    if key not in keys and not desk.backend().history(key):
        raise InputError(
            f"There is no stack {key} in {desk.backend().name}.",
            hint=f"There are: {', '.join(keys)}" if keys else "There is none.",
        )
    return key


def stacks(options: Options, world: World | None = None) -> list[str]:
    """Give the keys of all stacks."""
    with Desk(options, world) as desk:
        return open_here(desk).stacks()


def read(
    options: Options, addresses: Iterable[str] = (), world: World | None = None, *, kinds: str = "*", ids: str = "*"
) -> tuple[list[Seen], bool]:
    """Look at recorded resources in the cloud; also tell whether a transaction is open."""
    with Desk(options, world) as desk:
        key, loaded = stack_key(desk)
        snapshot = desk.backend().read(key)
        records = flow.standing(snapshot)
        wanted = list(addresses)
        if unknown := [address for address in wanted if address not in records]:
            raise InputError(f"Not in the state of {key}: {', '.join(unknown)}.", hint="See: dpn state list")
        chosen = {
            address: record
            for address, record in records.items()
            if (not wanted or address in wanted)
            and fnmatchcase(record.kind, kinds)
            and fnmatchcase(record.id or "", ids)
        }
        desk.load_plugins(record.kind for record in records.values())
        guard.known_kinds(records.values(), desk.plugins.kinds)
        dispatcher = desk.dispatcher(loaded.providers if loaded else {}, records.values())
        sought = targets(existing(desk, loaded), _with_parents(chosen, records), desk.plugins.kinds)
        out = Observer(dispatcher, desk.plugins.kinds, desk.width).look(sought)
        refuse_faults(out)
    kinds_of = desk.plugins.kinds
    seen = [_seen(record, out.seen.get(address), kinds_of[record.kind]) for address, record in sorted(chosen.items())]
    return seen, bool(snapshot.journal)


def _with_parents(chosen: Mapping[str, Record], records: Mapping[str, Record]) -> dict[str, Record]:
    """Add what the chosen ones stand in: without it they are not found."""
    out = dict(chosen)
    todo = [record.parent for record in chosen.values()]
    while todo:
        parent = todo.pop() or ""
        if parent in records and parent not in out:
            out[parent] = records[parent]
            todo.append(records[parent].parent)
    return out


def _seen(record: Record, found: Observed | None, info: KindInfo) -> Seen:
    attributes = _shown(found, record, info) if found else {}
    status = found.status if found else "absent"
    return Seen(record.address, record.kind, record.name, found is not None, attributes, record.id, status)


def _shown(found: Observed, record: Record, info: KindInfo) -> dict[str, Any]:
    """Give the attributes, but of what is secret only that it is there."""
    secret = references.secret_fields(record.spec) | info.sensitive
    return {name: SENSITIVE if name in secret else value for name, value in found.spec.items()}


def schema(options: Options, world: World | None = None, kinds: Iterable[str] | None = None) -> dict[str, Any]:
    """Give the JSON Schema of blueprints, joined from core and the installed kinds (or the named ones)."""
    desk = Desk(options, world)
    wanted = list(kinds) if kinds is not None else [f"{name}_" for name in plugins.installed("providers")]
    desk.load_plugins(wanted)
    schemas = {
        kind: cls.schema
        for kind, cls in desk.plugins.classes.items()
        if issubclass(cls, Kind) and (kinds is None or kind in wanted)
    }
    return envelope.joined(schemas)


def installed() -> dict[str, list[Installed]]:
    """List all plugins by group, from metadata only."""
    return {group: list(plugins.installed(group).values()) for group in plugins.GROUPS}
