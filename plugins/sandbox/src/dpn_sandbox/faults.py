"""Fault rules: what tests switch on to see how dpn bears a cloud that is slow, refuses, or answers nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from dpn_sandbox.cloud import Call

KINDS = ("latency", "throttle", "error", "garbage", "lost_reply", "cut", "drip", "refuse", "kill")
MAX_SECONDS = 60.0
_PARTS: Mapping[str, type] = {"service": str, "operation": str, "name": str, "write": bool}
_FIRST_PID = 2  # 0, 1 and below stand for groups and the whole machine


class BadRuleError(ValueError):
    """A rule is not understood; the message says why."""


@dataclass
class Rule:
    """One rule. It lets `skip` fitting calls pass and then acts on `times` of them (0: on all that follow).

    latency     waits `seconds`, then goes on (to the next rule, too)
    throttle    not applied; the service's own throttling error
    error       an error of `status`, `code` and `message`; applied before it when `applied` is true
    garbage     a page of `status` for people, as a proxy's; applied before it when `applied` is true
    lost_reply  applied, then the connection is closed without a reply
    cut         applied, then the connection is closed in the middle of the reply
    drip        applied, then the reply comes byte by byte for `seconds`
    refuse      the connection is closed before anything is applied
    kill        applied, then the process `pid` gets SIGKILL, and the connection is closed without a reply
    """

    kind: str
    match: Mapping[str, str | bool] = field(default_factory=dict)
    skip: int = 0
    times: int = 1
    seconds: float = 0
    status: int = 500
    code: str = "InternalError"
    message: str = "Switched on by a test."
    applied: bool = False
    pid: int = 0
    seen: int = field(default=0, init=False)

    def fits(self, call: Call) -> bool:
        """Tell whether the rule is about this call; what `match` leaves out fits all, and `write` is true or false."""
        return all(
            getattr(call, part) == wanted if isinstance(wanted, bool) else fnmatchcase(getattr(call, part), wanted)
            for part, wanted in self.match.items()
        )

    def acts(self) -> bool:
        """Count a fitting call, and tell whether the rule acts on it."""
        self.seen += 1
        return self.seen > self.skip and (not self.times or self.seen <= self.skip + self.times)


class Faults:
    """The rules that are switched on."""

    def __init__(self) -> None:
        """Begin without rules."""
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def set(self, rules: Iterable[Any]) -> None:
        """Replace the rules; raise BadRuleError for one that is not understood, and change nothing then."""
        made = [_rule(given) for given in rules]
        with self._lock:
            self._rules = made

    def pick(self, call: Call) -> tuple[float, Rule | None]:
        """Give the seconds to wait and the rule to carry out: of the others than latency, the first that acts."""
        wait = 0.0
        with self._lock:
            for rule in self._rules:
                if not rule.fits(call) or not rule.acts():
                    continue
                if rule.kind != "latency":
                    return wait, rule
                wait += rule.seconds
        return wait, None


def _rule(given: Any) -> Rule:
    if not isinstance(given, dict):
        raise BadRuleError(f"A rule is an object, not {given!r}.")
    try:
        rule = Rule(**given)
    except TypeError as error:
        raise BadRuleError(f"Rule {given!r}: {error}.") from None
    if rule.kind not in KINDS:
        raise BadRuleError(f"Kind {rule.kind!r} is none of {', '.join(KINDS)}.")
    if not isinstance(rule.match, dict) or not all(
        isinstance(rule.match[part], _PARTS.get(part, ())) for part in rule.match
    ):
        raise BadRuleError(f"`match` has service, operation, name and write, not {rule.match!r}.")
    if not 0 <= rule.seconds <= MAX_SECONDS:
        raise BadRuleError(f"`seconds` is from 0 to {MAX_SECONDS:.0f}, not {rule.seconds!r}.")
    if rule.kind == "kill" and rule.pid < _FIRST_PID:
        raise BadRuleError("`kill` needs the `pid` of the process to kill.")
    return rule
