"""Names of a live account, or of a list, against the convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from dpn import namers, plugins
from dpn.answers import Outcome
from dpn.api.names import Once, namable, opened
from dpn.api.reads import blueprint_here
from dpn.blueprint import Blueprint
from dpn.desk import Desk, Options, errors_in
from dpn.dispatch import Dispatcher
from dpn.engine.effects import Call
from dpn.errors import InputError
from dpn.name_rule import WORLDWIDE
from dpn.naming import Namer
from dpn.naming.auditing import Audited, Auditor
from dpn.provider import KindInfo
from dpn.world import World

_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A kind whose names are not in an audit, and why. failed: they could be listed, and the cloud did not say them."""

    kind: str
    why: str
    failed: bool = False
    alias: str = ""


class NameAudit:
    """Judges names one after the other; nothing is asked of a cloud.

    Raises InputError when it is made if the files have problems.
    """

    def __init__(self, options: Options, world: World | None = None) -> None:
        self._desk, self._environment = opened(options, world)
        self._auditor = Once(self._made)

    def judge(self, kind: str, name: str) -> Audited:
        """Judge a name; InputError or PluginError for a kind that there is not, or that has no names."""
        return self._auditor(kind).judge(name)

    def refuse_unknown(self, kind: str) -> None:
        """Refuse a kind whose names cannot be judged, before there is a name; errors as in `judge`."""
        self._auditor(kind)

    def _made(self, kind: str) -> Auditor:
        namer = _namer(self._desk, {kind: namable(self._desk, kind)}, self._environment)
        return Auditor(namer, kind, self._desk.plugins.askers("dpn_name"))


def audit_names(options: Options, kinds: str = "*", world: World | None = None) -> Iterator[Audited | Unlisted]:
    """List what is there of the kinds like `kinds`, and judge each name; kinds that are not listed come first.

    Providers are those of the blueprint, if one was named or lies here. InputError if no kind can be listed.
    """
    with Desk(options, world) as desk:
        loaded = blueprint_here(desk)
        found = _kinds(desk, kinds)
        left = {kind: why for kind, info in found.items() if (why := _why_not(info))}
        if len(left) == len(found):
            raise _nothing(kinds, left)
        yield from (Unlisted(kind, why) for kind, why in left.items())
        wanted = {kind: info for kind, info in found.items() if kind not in left}
        environment = loaded.environment if loaded else namers.chosen_environment(desk, None)
        namer = _namer(desk, wanted, environment, loaded)
        known: set[tuple[str, str]] = set()
        for call, outcome in _listed(desk, loaded, wanted, namer):
            yield from _judged(desk, namer, call, outcome, known)


def _kinds(desk: Desk, glob: str) -> dict[str, KindInfo]:
    """Give the kinds that are meant; only a wildcard in the provider's name loads all that are installed."""
    provider = glob.partition("_")[0]
    wild = not _WILD.isdisjoint(provider)
    found = desk.load_plugins([f"{name}_" for name in plugins.installed("providers")] if wild else [glob]).kinds
    meant = {kind: info for kind, info in sorted(found.items()) if fnmatchcase(kind, glob)}
    if not meant:
        near = ", ".join(sorted(kind for kind in found if wild or kind.startswith(f"{provider}_")))
        raise InputError(f"There is no kind like {glob!r}.", hint=f"Known: {near}" if near else "See: dpn plugins list")
    return meant


def _why_not(info: KindInfo) -> str:
    """Tell why the names of a kind cannot be listed; empty if they can."""
    if info.named_by:
        return namers.nameless(info)
    if not info.provisions:
        return "dpn names such things only: it cannot ask which ones there are."
    return "" if info.lists != "none" else f"The provider {info.provider} offers no list of them."


def _nothing(glob: str, left: Mapping[str, str]) -> InputError:
    why = " ".join(dict.fromkeys(left.values()))
    hint = f"Give the names: dpn name audit {next(iter(left))} - < FILE"
    return InputError(f"No name of {glob} can be listed. {why}", hint=hint)


def _namer(desk: Desk, kinds: Mapping[str, KindInfo], environment: str, loaded: Blueprint | None = None) -> Namer:
    namer = namers.namer(desk, kinds, environment, loaded)
    if problems := errors_in([*desk.problems, *namer.problems]):
        raise InputError("Names cannot be judged by a convention that is not valid.", problems=problems)
    return namer


def _listed(
    desk: Desk, loaded: Blueprint | None, kinds: Mapping[str, KindInfo], namer: Namer
) -> Iterator[tuple[Call, Outcome]]:
    """Make the calls, several at once, and give what came of each in their order."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - names of a list need no threads

    dispatcher = desk.dispatcher(loaded.providers if loaded else {}, ())
    calls = [
        Call(kind, alias, "list", (None,), _region(desk, namer, info, alias))
        for kind, info in kinds.items()
        for alias in sorted(desk.provider_settings)
        if alias.partition(".")[0] == info.provider
    ]
    with ThreadPoolExecutor(desk.width) as pool:
        yield from zip(calls, pool.map(lambda call: _made(dispatcher, call), calls), strict=True)


def _region(desk: Desk, namer: Namer, info: KindInfo, alias: str) -> str | None:
    """Give the region that the convention has for the kind, which an alias without one is led to."""
    region = namer.values(info.kind, alias=alias)[0].get("region")
    return region.text if region and namers.has_regions(desk.plugins.providers[info.provider]) else None


def _made(dispatcher: Dispatcher, call: Call) -> Outcome:
    outcomes: list[Outcome] = []
    dispatcher.call(call, lambda outcome, _: outcomes.append(outcome))
    return outcomes[0]


def _judged(
    desk: Desk, namer: Namer, call: Call, outcome: Outcome, known: set[tuple[str, str]]
) -> Iterator[Audited | Unlisted]:
    """Judge what one call gave; what all the world has once counts once, though several aliases may list it."""
    if outcome.fault:
        said = f"{outcome.fault.message} {outcome.fault.hint}".rstrip()
        yield Unlisted(call.kind, said, failed=True, alias=call.provider)
        return
    auditor = Auditor(namer, call.kind, desk.plugins.askers("dpn_name"))
    alone = desk.plugins.kinds[call.kind].name_rule.unique in WORLDWIDE
    for name in sorted(seen.ref.name for seen in outcome.value):
        if not (alone and (call.kind, name) in known):
            yield auditor.judge(name)
        if alone:
            known.add((call.kind, name))
