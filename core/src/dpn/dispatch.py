"""One call of the engine to the one kind that owns it, with the hooks around it.

This is the one implementation of the create, read, update, delete and rollback hooks. It sits innermost: the outcome is
taken here, and reported, before any wrapper hears of it; what a wrapper returns, swallows or raises afterwards
changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from dpn import filling, references
from dpn.connections import Connections
from dpn.engine.effects import Call
from dpn.errors import DpnError
from dpn.hookspecs import hookimpl
from dpn.model import Change, Fault, FaultOutcome, Observed, Query, Receipt, Ref, Want
from dpn.plugins import Plugins
from dpn.provider import Broken, Inside, KindInfo, Ready, Wait
from dpn.secrets import Secrets
from dpn.world import World

READS = ("read", "list", "find", "contents")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: a value, or a fault."""

    value: Any = None
    fault: Fault | None = None


Report: TypeAlias = Callable[[Outcome, bool], None]
"""Called once for each call. If True is passed, a wrapper is about to hear of it: come back only when it is durable."""


def _silent(_: str) -> None:
    """Warn nobody."""


class Dispatcher:
    """Makes calls, one at a time in each thread; never raises for what a provider or a wrapper does."""

    def __init__(self, plugins: Plugins, connections: Connections, world: World) -> None:
        self._plugins = plugins
        self.connections = connections
        self._secrets = Secrets(plugins, connections, world)
        self._local = plugins.use_core(_Core()).local
        self._wrapped = {hook: plugins.wrapped(hook) for hook in _HOOKS}

    def call(self, call: Call, report: Report, warn: Callable[[str], None] = _silent) -> None:
        """Make the call and report its outcome once, whatever happens: a run waits for it."""
        reported: list[Outcome] = []

        def once(outcome: Outcome, heard: bool) -> None:
            reported.append(outcome)
            report(outcome, heard)

        try:
            self._call(call, once, warn)
        except BaseException as bug:  # noqa: BLE001 - a worker that dies silently is a run that never ends
            if not reported:
                report(_bug(bug), False)

    def _call(self, call: Call, report: Report, warn: Callable[[str], None]) -> None:
        if call.kind not in self._plugins.kinds:
            missing = f"the installed plugins have no kind {call.kind}"
            report(Outcome(fault=Fault("not_applied", "NO-PLUGIN", missing)), False)
            return
        hook, arguments = self._hook(call)
        if not (hook and self._wrapped[hook]):
            report(self._make(call), False)
            return
        self._local.outcome = None
        self._local.work = lambda: self._inner(call, report)
        reason = "one wrapper swallowed the refusal of another"
        try:
            self._plugins.around(hook, arguments)
        except BaseException as error:  # noqa: BLE001 - whatever a wrapper raises is a refusal or a warning
            reason = self.connections.hidden.hide(str(error) or repr(error))
            if self._local.outcome is not None:
                said = self.connections.hidden.hide(repr(error))
                warn(f"a plugin raised after {hook} of {call.kind}: {said}; the outcome stands")
        if self._local.outcome is None:
            report(Outcome(fault=Fault("not_applied", "REFUSED", f"a plugin refused it in {hook}: {reason}")), False)

    def _inner(self, call: Call, report: Report) -> Any:
        outcome = self._make(call)
        self._local.outcome = outcome
        report(outcome, True)
        change = call.change
        if change is None or change.step is None:
            return _observed(outcome.value)
        ref = outcome.value if isinstance(outcome.value, Ref) else None
        return Receipt(change.address, call.kind, change.op, change.step, _heard(call, outcome), ref, outcome.fault)

    def _hook(self, call: Call) -> tuple[str, dict[str, Any]]:
        info = self._plugins.kinds[call.kind]
        if call.change is None:
            if call.method not in READS:
                return "", {}
            ref = call.args[0] if call.args and isinstance(call.args[0], Ref) else None
            method: Any = call.method  # one of READS, which are the methods of a Query
            return "dpn_read", {"query": Query(call.kind, call.provider, method, ref), "kind": info}
        if call.undoes:
            return "dpn_rollback", {"receipt": call.undoes, "undo": call.change, "kind": info}
        return _hook_of(call.change), {"change": call.change, "kind": info}

    def _make(self, call: Call) -> Outcome:
        """Call the provider, and take the secrets of this run out of what it says, before anybody hears of it."""
        try:
            return self._told(self._made(call))
        except BaseException as bug:  # noqa: BLE001 - something may have been sent
            return _bug(bug)

    def _made(self, call: Call) -> Outcome:
        """Call the provider; its answer is checked, its exception classified."""
        try:
            handler = self.connections.kind(call.kind, call.provider, call.region)
            args = [self._filled(call, arg) if isinstance(arg, Want) else arg for arg in call.args]
            for arg in args:
                if isinstance(arg, Observed) and call.change:
                    self._secrets.recognise(call.change, arg)
        except BaseException as error:  # noqa: BLE001 - nothing was sent yet
            return Outcome(fault=self._classified(call, error, sent=False))
        try:
            value = getattr(handler, call.method)(*args)
            if call.method in _MANY and value is not None:
                value = list(value)  # here, because a generator makes its calls, and raises, only now
        except BaseException as error:  # noqa: BLE001 - the provider classifies; a worker must never die silently
            return Outcome(fault=self._classified(call, error, sent=True))
        return _checked(call, value)

    def _told(self, outcome: Outcome) -> Outcome:
        fault, hide = outcome.fault, self.connections.hidden.hide
        if fault:
            said = replace(fault, code=hide(fault.code), message=hide(fault.message), hint=hide(fault.hint))
            return Outcome(outcome.value, said)
        if isinstance(outcome.value, Broken):
            return Outcome(Broken(hide(outcome.value.reason)))
        return outcome

    def _filled(self, call: Call, want: Want) -> Want:
        def lookup(reference: references.Reference) -> Any:
            if reference.scheme == "resource":
                return call.bound[reference.key]
            # No thing is found by a secret, and a missing one must not keep it from being found.
            if call.method in READS:
                return f"${{{reference.text}}}"
            return self._secrets.value(reference, call.provider, call.region)

        for _, text, _ in references.texts(want.spec):
            for secret in [one for one in references.in_text(text) if one.is_secret and call.method not in READS]:
                self.connections.hidden.add(lookup(secret), filling.fill(text, lookup))
        return replace(want, spec=filling.fill(want.spec, lookup, self._plugins.kinds[call.kind].schema))

    def _classified(self, call: Call, error: BaseException, *, sent: bool) -> Fault:
        if isinstance(error, DpnError):
            if sent and call.method not in READS:  # what a provider refuses after it has sent something may be applied
                return Fault("unknown", "PROVIDER", error.message, hint=error.hint)
            return Fault("not_applied", "REFUSED", error.message, hint=error.hint)
        errors = self._plugins.providers[call.kind.partition("_")[0]].errors
        text = f"{type(error).__name__}: {error}"
        try:
            fault = Fault("unknown", "ERROR", text)
            if errors and isinstance(error, Exception):
                fault = errors(error, call.method)
            outcome: FaultOutcome = {word: word for word in get_args(FaultOutcome)}[fault.outcome]
            return replace(fault, outcome="not_applied") if outcome == "unknown" and not sent else fault
        except Exception as bug:  # noqa: BLE001 - a classifier that raises must not lose the outcome
            return Fault(
                "unknown" if sent else "not_applied", "PLUGIN-BUG", f"{text} (and the classifier raised {bug!r})"
            )


def _bug(bug: BaseException) -> Outcome:
    """Say that a call went wrong in a way that nobody foresaw; the text may hold a secret that was not hidden yet."""
    text = f"dpn or a plugin raised {type(bug).__name__} around the call; tell the authors of dpn"
    return Outcome(fault=Fault("unknown", "BUG", text))


def _heard(call: Call, outcome: Outcome) -> Literal["applied", "not_applied", "unknown"]:
    """Give what a wrapper may be told: a create with a fault is looked for once more before it is concluded."""
    if outcome.fault is None:
        return "applied"
    return "unknown" if call.method == "create" or outcome.fault.outcome == "unknown" else "not_applied"


class _Core:
    """Core's own implementation of the wrapper-only hooks: the work that this thread is about to do."""

    def __init__(self) -> None:
        self.local = threading.local()

    def _work(self) -> Any:
        return self.local.work()

    @hookimpl
    def dpn_read(self, query: Query, kind: KindInfo) -> Any:
        return self._work()

    @hookimpl
    def dpn_create(self, change: Change, kind: KindInfo) -> Any:
        return self._work()

    @hookimpl
    def dpn_update(self, change: Change, kind: KindInfo) -> Any:
        return self._work()

    @hookimpl
    def dpn_delete(self, change: Change, kind: KindInfo) -> Any:
        return self._work()

    @hookimpl
    def dpn_rollback(self, receipt: Receipt, undo: Change, kind: KindInfo) -> Any:
        return self._work()


_HOOKS = ("dpn_read", "dpn_create", "dpn_update", "dpn_delete", "dpn_rollback")


def _hook_of(change: Change) -> str:
    if change.step and change.step.method == "delete":
        return "dpn_delete"
    return "dpn_create" if change.action in ("create", "replace") else "dpn_update"


def _observed(value: Any) -> tuple[Observed, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, Observed) else tuple(value)


def _checked(call: Call, value: Any) -> Outcome:
    """Refuse an answer that breaks the contract: the write may have happened, so the outcome is unknown."""
    items = value if call.method in _MANY and isinstance(value, list) else [value]
    if all(isinstance(item, _ANSWERS.get(call.method, object)) for item in items):
        return Outcome(value)
    text = f"{call.method} of {call.kind} answered {value!r}, which breaks the contract; tell the plugin's author"
    return Outcome(fault=Fault("unknown", "PLUGIN-BUG", text))


_MANY = ("list", "find", "contents")
_ANSWERS: Mapping[str, Any] = {
    "create": Ref, "rename": Ref, "read": Observed | None, "ready": Ready | Wait | Broken, "list": Observed,
    "find": Observed, "contents": Inside, "undrop": Ref | None, "available": bool,
}  # fmt: skip
