"""Plugins: load only those that are asked for, check them, and call their hooks with types.

The only module that knows pluggy.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

import pluggy

from dpn import hookspecs, offers, paths, references
from dpn.discovery import GROUPS, Installed, import_plugin, installed
from dpn.errors import DpnError, PluginError, Problem
from dpn.extensions import BackendType, Convention, NameRequest, Transform
from dpn.model import Event, Plan, Resource
from dpn.offers import kind_info
from dpn.provider import KindInfo, NamedKind, Provider

__all__ = ["GROUPS", "Installed", "Plugins", "add_providers", "import_plugin", "installed", "load"]

T = TypeVar("T")


def load(
    kinds: Iterable[str] = (),
    *,
    naming: Iterable[str] = (),
    extensions: Iterable[str] = (),
    objects: Iterable[Any] = (),
) -> Plugins:
    """Load the providers of `kinds`, the naming plugins and extensions by name, and `objects` that are passed in.

    Raises PluginError: not installed (the message is the install command), wrong API, or a broken contract.
    """
    loaded = Plugins()
    for number, thing in enumerate(objects):
        loaded.register(thing, Installed("objects", getattr(thing, "__name__", f"object {number}"), "given", "", ""))
    _add(loaded, "extensions", extensions)
    if chosen := set(naming):
        _add(loaded, "naming", chosen - set(loaded.conventions()))
    add_providers(loaded, kinds)
    return loaded


def add_providers(loaded: Plugins, kinds: Iterable[str], schemes: Iterable[str] = ()) -> None:
    """Load the providers of more kinds and secret schemes into what is loaded already; PluginError as in `load`."""
    named = {kind.partition("_")[0] for kind in kinds if "_" in kind}  # what has no provider's name is no kind at all
    named |= set(map(references.provider_of, schemes))
    _add(loaded, "providers", named - set(loaded.providers))


def _add(loaded: Plugins, group: str, names: Iterable[str]) -> None:
    wanted = sorted(set(names))
    here = installed(group) if wanted else {}
    for name in wanted:
        if name not in here:
            raise _missing(group, name, here)
        loaded.register(import_plugin(here[name]), here[name])


def _missing(group: str, name: str, here: Iterable[str]) -> PluginError:
    what = f"provider {name!r}" if group == "providers" else f"{group} plugin {name!r}"
    hints = {
        "providers": f"Install it: pip install dpn-{name}",
        "naming": "Install the package that offers it; `use` in naming-patterns.yaml asks for it.",
    }
    hint = hints.get(group, "Install the package that offers it.")
    near = paths.nearest(name, here)
    return PluginError(f"The {what} is not installed.", hint=f"Did you mean {near!r}? Else: {hint}" if near else hint)


class Plugins:
    """The plugins of one run, with one typed method for each hook."""

    def __init__(self) -> None:
        self.providers: dict[str, Provider] = {}
        self.kinds: dict[str, KindInfo] = {}
        self.classes: dict[str, type[NamedKind]] = {}
        self.origins: dict[str, Installed] = {}
        self._manager = pluggy.PluginManager("dpn")
        self._manager.add_hookspecs(hookspecs)

    def register(self, thing: Any, origin: Installed) -> None:
        """Take a plugin in: check its hooks, then its providers."""
        name = f"{origin.group}:{origin.name}"
        self.origins[name] = origin
        try:
            self._manager.register(thing, name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            said = " ".join(str(error).split())
            raise PluginError(f"{self._who(name)}: {said}.", hint="See docs/reference/hooks.md.") from error
        self._refuse_direct(thing, name)
        for provider in self._from(thing, "dpn_providers"):
            self._blame("dpn_providers", partial(self._add_provider, provider, origin), name)

    def _refuse_direct(self, thing: Any, name: str) -> None:
        for hook in hookspecs.WRAPPER_ONLY:
            for impl in getattr(self._manager.hook, hook).get_hookimpls():
                if impl.plugin is thing and not (impl.wrapper or impl.hookwrapper):
                    raise PluginError(
                        f"{self._who(name)}: {hook} takes wrappers only; core dispatches each call to its owner.",
                        hint=f"Put the work into a Kind class, or write @hookimpl(wrapper=True) and yield in {hook}.",
                    )

    def _add_provider(self, provider: Provider, origin: Installed) -> None:
        offers.refuse_unusable(provider, origin)
        if provider.name in self.providers:
            raise PluginError(f"Two plugins offer the provider {provider.name!r}; one of them is {origin.package}.")
        self.providers[provider.name] = provider
        for cls in provider.kinds:
            self.kinds[cls.kind] = kind_info(cls, provider.name, f"{origin.package} {origin.version}".strip())
            self.classes[cls.kind] = cls

    def backends(self) -> dict[str, BackendType]:
        """Ask for state backends."""
        return {backend.name: backend for backend in self._collect("dpn_backends", BackendType)}

    def conventions(self) -> dict[str, Convention]:
        """Ask for packaged conventions; a naming plugin that offers none counts as an empty one of its name."""
        answers = self._answers("dpn_conventions")
        spoke = {who for who, answer in answers if answer}
        chosen = [origin for name, origin in self.origins.items() if self._who(name) not in spoke]
        silent = {origin.name: Convention(origin.name, {}) for origin in chosen if origin.group == "naming"}
        if not spoke:
            return silent
        from dpn import schemes  # noqa: PLC0415 - most runs have no naming plugin

        return {**silent, **schemes.conventions((who, item) for who, answer in answers for item in answer)}

    def transforms(self) -> dict[str, Transform]:
        """Ask for pattern filters; each is held to what it declares."""
        offers = self._answers("dpn_transforms")
        if not offers:
            return {}
        from dpn import schemes  # noqa: PLC0415 - as in conventions

        return schemes.transforms(offers)

    def name(self, request: NameRequest) -> str | None:
        """Ask for a custom name."""
        where = f" for {request.address or request.kind}"
        answer = self._blame("dpn_name", lambda: self._manager.hook.dpn_name(request=request), where=where)
        if answer is not None and not isinstance(answer, str):
            raise self._nonsense("dpn_name", answer, str)
        return answer

    def askers(self, hook: str) -> str:
        """Say which plugins answer a hook, as users are told of them; empty if none does."""
        return ", ".join(self._who(impl.plugin_name) for impl in getattr(self._manager.hook, hook).get_hookimpls())

    def validate(self, resources: tuple[Resource, ...]) -> list[Problem]:
        """Ask everyone what is wrong with the resources."""
        return self._collect("dpn_validate", Problem, resources=resources)

    def review(self, plan: Plan) -> list[Problem]:
        """Ask everyone what is wrong with the plan."""
        return self._collect("dpn_review", Problem, plan=plan)

    def event(self, event: Event) -> None:
        """Tell listeners; one that raises does not keep the others from hearing."""
        for one in (listeners := [impl.plugin for impl in self._manager.hook.dpn_event.get_hookimpls()]):
            others = [other for other in listeners if other is not one]
            with suppress(Exception):
                self._manager.subset_hook_caller("dpn_event", others)(event=event)

    def wrapped(self, hook: str) -> bool:
        """Tell whether a plugin stands around this hook."""
        return any(impl.wrapper or impl.hookwrapper for impl in getattr(self._manager.hook, hook).get_hookimpls())

    def around(self, hook: str, arguments: Mapping[str, Any]) -> None:
        """Call a wrapper-only hook; what `use_core` registered is innermost."""
        getattr(self._manager.hook, hook)(**arguments)

    def use_core(self, implementation: T) -> T:
        """Register core's one implementation of the wrapper-only hooks; later calls give the one that is there."""
        if (first := self._manager.get_plugin("core")) is not None:
            return cast("T", first)
        self._manager.register(implementation, "core")
        return implementation

    def _collect(self, hook: str, expected: type[T], **arguments: Any) -> list[T]:
        answers = self._call(hook, **arguments)
        items = self._blame(hook, lambda: [item for answer in reversed(answers) for item in answer or ()])
        for item in items:
            if not isinstance(item, expected):
                raise self._nonsense(hook, item, expected)
        return items

    def _answers(self, hook: str) -> list[tuple[str, Any]]:
        """Give what each plugin answers, as a list where it is a series, with who it is; None is no answer."""
        impls = getattr(self._manager.hook, hook).get_hookimpls()
        asked = [
            (self._who(impl.plugin_name), self._blame(hook, partial(_listed, impl.function), impl.plugin_name))
            for impl in impls
        ]
        return [(who, answer) for who, answer in asked if answer is not None]

    def _nonsense(self, hook: str, answer: Any, expected: type[Any]) -> PluginError:
        return PluginError(f"{self.askers(hook)} answered {hook} with {answer!r}, which is no {expected.__name__}.")

    def _call(self, hook: str, **arguments: Any) -> Any:
        return self._blame(hook, lambda: getattr(self._manager.hook, hook)(**arguments))

    def _from(self, thing: Any, hook: str) -> list[Any]:
        impls = [impl for impl in getattr(self._manager.hook, hook).get_hookimpls() if impl.plugin is thing]
        return self._blame(hook, lambda: [item for impl in impls for item in impl.function() or ()])

    def _blame(self, hook: str, work: Callable[[], T], name: str = "", where: str = "") -> T:
        """Run a hook; what a plugin raises becomes an error that names the plugin."""
        try:
            return work()
        except DpnError:
            raise
        except Exception as error:
            codes = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
            impls = getattr(self._manager.hook, hook).get_hookimpls()
            guilty = [impl.plugin_name for impl in impls if getattr(impl.function, "__code__", None) in codes]
            who = self._who(guilty[0]) if guilty else self._who(name) if name else self.askers(hook)
            raise PluginError(f"{who} raised in {hook}{where}: {error!r}.", hint="Report it to its author.") from error

    def _who(self, name: str) -> str:
        origin = self.origins.get(name)
        return f"Plugin {origin.name!r} ({origin.package} {origin.version})" if origin else f"Plugin {name!r}"


def _listed(ask: Callable[[], Any]) -> Any:
    answer = ask()
    return answer if answer is None or isinstance(answer, Mapping) else list(answer)
