"""A plan in a file: what is needed to check that it still holds and to carry it out; no secret values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpn import codec
from dpn.errors import InputError, PluginError
from dpn.model import Plan, Resource

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What is saved.

    choice: how the plan was narrowed: actions, targets, includes, excludes, replaced, allow_deletes.
    scope: that of the blueprint, as `include` and `exclude`, and the addresses `outside` of it and of the choice.
    """

    plan: Plan
    resources: tuple[Resource, ...]
    providers: Mapping[str, Mapping[str, Any]]
    state: Mapping[str, Any]
    scope: Mapping[str, tuple[str, ...]]
    choice: Mapping[str, Any]
    plugins: Mapping[str, str]
    sandbox: bool = False


def dump(file: PlanFile) -> dict[str, Any]:
    """Give the file's content."""
    return {"format_version": FORMAT, "dpn_plan": codec.dump(file)}


def is_plan(data: Any) -> bool:
    """Tell a plan from a blueprint by its content."""
    return isinstance(data, Mapping) and "dpn_plan" in data


def load(data: Mapping[str, Any], name: str) -> PlanFile:
    """Read the content back; InputError if it is not a plan of this format."""
    if data.get("format_version") != FORMAT:
        raise PluginError(
            f"{name} has plan format {data.get('format_version')}; this dpn reads {FORMAT}.",
            hint="Plan again with this dpn.",
        )
    try:
        file = codec.load(PlanFile, data["dpn_plan"])
        _check(file)
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{name} is no valid plan file: {error}.", hint="Plan again: dpn plan --out") from error
    return file


def _check(file: PlanFile) -> None:
    """Raise TypeError for what the codec takes as it comes."""
    for field in ("providers", "state", "scope", "choice", "plugins"):
        if not isinstance(getattr(file, field), Mapping):
            raise TypeError(f"{field} is no object")
    if unknown := set(file.choice) - {"actions", "targets", "includes", "excludes", "replaced", "allow_deletes"}:
        raise TypeError(f"choice has no field {sorted(unknown)}")
