"""Whether what a naming plugin brings can be relied on: patterns compile, filters keep their word, names are sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from dpn import plugins
from dpn.errors import DpnError, InputError, PluginError
from dpn.extensions import Convention, NameRequest, Transform
from dpn.naming import check, grammar
from dpn.naming.convention import style
from dpn.naming.globs import matching
from dpn.naming.settings import Settings, pattern_of, read_variables
from dpn.naming.vocabulary import declared
from dpn.plugins import Plugins
from dpn.promises.names import usual
from dpn.provider import KindInfo, Provider

SAMPLES = ("sales", "clinical-data", "Data_Lake 2", "x1", "IT-1001", "production", "us-east-1", "a.b.c")
"""Values of every sort; no two are alike but for case and separators, so that a filter that is not lossy keeps them."""

_ARGUMENTS = ("", "1", "8")


def installed_providers() -> Iterator[tuple[Provider, Mapping[str, KindInfo]]]:
    """Give the providers that can be loaded, each with its kinds: one that cannot is no fault of a naming plugin."""
    for name in plugins.installed("providers"):
        with suppress(PluginError):
            loaded = plugins.load([f"{name}_"])
            yield from ((provider, loaded.kinds) for provider in loaded.providers.values())


def faults(loaded: Plugins, kinds: Mapping[str, KindInfo]) -> list[str]:
    """Give what is wrong with the conventions, filters and names of a naming plugin; `kinds` are those it may name."""
    filters = loaded.transforms()
    found: list[str] = []
    for convention in loaded.conventions().values() or [Convention("", {})]:
        found += convention_faults(convention, kinds, filters)
        found += name_faults(loaded, convention, kinds) if loaded.askers("dpn_name") else ()
    for name, transform in filters.items():
        found += transform_faults(name, transform)
    return list(dict.fromkeys(found))


def convention_faults(
    convention: Convention, kinds: Mapping[str, KindInfo], filters: Mapping[str, Transform]
) -> Iterator[str]:
    """Yield each pattern that does not compile for a kind that it is for; where no kind is, its grammar is judged."""
    settings = _settings(convention)
    of = f"convention {convention.name}"
    for kind, info in kinds.items():
        if matching(convention.patterns, kind):
            forms = declared(None, {**info.variables, **settings.variables})
            said = style(settings, info, (), filters, forms).problems
            yield from (f"{of}: {problem.message.replace(f' ({of})', '')}" for problem in said)
    for glob, text in convention.patterns.items():
        if not any(matching([glob], kind) for kind in kinds):
            yield from (f"{of}: {glob}: {problem}" for problem in grammar.parse(text)[1])


def transform_faults(name: str, transform: Transform, samples: Iterable[str] = SAMPLES) -> Iterator[str]:
    """Yield where a filter raises, breaks what it declares, or gives two texts for one value; it may refuse any value.

    `transform` is one that `Plugins.transforms` gave: it raises ValueError alone, and the cause tells why.
    """
    for arg in _ARGUMENTS:
        seen: dict[str, str] = {}
        for value in samples:
            try:
                first, second = transform.apply(value, arg), transform.apply(value, arg)
            except ValueError as error:
                if not isinstance(error.__cause__, ValueError):
                    yield f"filter {name}: {value!r}: {error}"
                continue
            if first != second:
                yield f"filter {name}: {first!r}, then {second!r} for {value!r}: a name must be the same each time"
            elif not transform.lossy and seen.setdefault(first, value) != value:
                yield f"filter {name}: {first!r} for {seen[first]!r} and {value!r}, and it is not declared lossy"


def name_faults(loaded: Plugins, convention: Convention, kinds: Mapping[str, KindInfo]) -> Iterator[str]:
    """Yield where dpn_name raises, gives a name that the rule refuses, or two for the same values; it may refuse.

    It is asked with usual values of the kind's variables; those that the convention adds are absent, as they may be.
    """
    settings = _settings(convention)
    for kind, info in kinds.items():
        values = MappingProxyType({"environment": "dev", **usual(info, {"north-1": "n1"})})
        request = NameRequest(kind, f"{kind}.sample", values, info.name_rule, pattern_of(settings, info)[0])
        try:
            first, second = loaded.name(request), loaded.name(request)
        except InputError:
            continue
        except DpnError as error:
            yield f"dpn_name: {error.message}"
            continue
        if first != second:
            yield f"dpn_name: {first!r}, then {second!r} for one {kind}: a name must be the same each time"
        elif first is not None:
            yield from (f"dpn_name: {kind}: {problem}" for problem in check(info.name_rule, first))


def _settings(convention: Convention) -> Settings:
    variables = read_variables(convention.variables)
    return Settings(convention=convention, transformations=convention.transformations, variables=variables)
