"""Naming on its own: names from values, and names against the rule of their kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from dpn import namers, naming
from dpn.desk import Desk, Options, errors_in
from dpn.errors import DpnError, InputError, Problem
from dpn.provider import KindInfo
from dpn.world import World

T = TypeVar("T")
_KEPT = 256
_NO_SPEC: Mapping[str, Any] = {}


def render_name(
    options: Options, kind: str, values: Mapping[str, str], world: World | None = None, *,
    spec: Mapping[str, Any] = _NO_SPEC,
) -> str:  # fmt: skip
    """Render the name of a kind from values, which stand where a resource's `naming` stands.

    spec: what stands where its `spec` stands and decides on the name. Raises InputError with all problems.
    """
    return rendered_name(options, kind, values, world, spec=spec)[0]


def rendered_name(
    options: Options, kind: str, values: Mapping[str, str], world: World | None = None, *,
    spec: Mapping[str, Any] = _NO_SPEC,
) -> tuple[str, list[Problem]]:  # fmt: skip
    """Render a name as `render_name` does; also give the warnings, without those that config.yaml silences."""
    desk = Desk(options, world)
    info = kind_of(desk, kind)
    if info.named_by:
        hint = f"Set spec.{info.named_by} of the resource; no convention names it."
        raise InputError(namers.nameless(info), hint=hint)
    environment = values.get("environment") or namers.chosen_environment(desk, None)
    namer = namers.namer(desk, {kind: info}, environment)
    answer, problems = namer.name(kind, naming=values, spec=spec)
    problems = [*desk.problems, *namer.problems, *problems, *idle_spec(info, spec)]
    if answer is None or errors_in(problems):
        raise InputError(f"No name for {kind}.", problems=tuple(problems))
    problems += naming.Doubts(namer).about(kind, answer)
    return answer.name, [problem for problem in problems if problem.code not in desk.settings.silence]


def idle_spec(info: KindInfo, spec: Mapping[str, Any]) -> list[Problem]:
    """Refuse what is said of a spec and has no part in the name: it would be a typing error, and silent."""
    field = info.name_rule.suffix_field
    hint = f"Only {field} does." if field else "No field of its spec does."
    idle = [name for name in spec if name != field]
    return [
        Problem("NAME-SPEC", f"{name} does not decide on a name of {info.kind}.", field=f"spec.{name}", hint=hint)
        for name in idle
    ]


def check_names(
    options: Options, kind: str, names: Iterable[str], world: World | None = None
) -> dict[str, list[Problem]]:
    """Give for each name what its kind's rule says against it; nothing means that it is valid."""
    rule = kind_of(Desk(options, world), kind).name_rule
    return {name: naming.check(rule, name) for name in names}


def explain_pattern(options: Options, kind: str, world: World | None = None) -> KindInfo:
    """Give the data of a kind: its rule, default pattern and variables."""
    return kind_of(Desk(options, world), kind)


def kind_of(desk: Desk, kind: str) -> KindInfo:
    """Give the data of a kind, its plugin loaded; InputError names those that there are."""
    loaded = desk.load_plugins([kind])
    if kind not in loaded.kinds:
        known = ", ".join(sorted(name for name in loaded.kinds if name.startswith(kind.partition("_")[0])))
        raise InputError(f"There is no kind {kind!r}.", hint=f"Known: {known}")
    return loaded.kinds[kind]


def opened(options: Options, world: World | None) -> tuple[Desk, str]:
    """Give the desk and the environment for names that are asked for one after the other; InputError: bad files."""
    desk = Desk(options, world)
    if problems := errors_in(desk.problems):
        raise InputError("The naming files are not valid.", problems=problems)
    return desk, namers.chosen_environment(desk, None)


def namable(desk: Desk, kind: str) -> KindInfo:
    """Give the data of a kind that a convention names; InputError for one that is known by a field of its own."""
    info = kind_of(desk, kind)
    if info.named_by:
        message = namers.nameless(info)
        raise InputError(message, problems=(Problem("NAME-NONE", message),))
    return info


class Once(Generic[T]):
    """Makes something for each kind, once; a kind that is refused is refused again without looking for it."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make
        self._made: dict[str, T] = {}
        self._refused: dict[str, DpnError] = {}

    def __call__(self, kind: str) -> T:
        """Give what was made for a kind; the DpnError with which that failed."""
        if kind in self._made:
            return self._made[kind]
        if kind in self._refused:
            raise self._refused[kind]
        try:
            made = self._made[kind] = self._make(kind)
        except DpnError as error:
            if len(self._refused) >= _KEPT:  # a stream may ask for anything
                self._refused.clear()
            self._refused[kind] = error
            raise
        return made
