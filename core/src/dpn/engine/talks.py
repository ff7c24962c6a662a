"""Many conversations side by side: who waits for which answer, and how many calls are in flight for each provider."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from dpn.engine.effects import Answer, Call, CallFailed, Do, Effect, InDoubt, Sleep, StepFailed, Talk, Tell

Ended: TypeAlias = Callable[[str, Exception | None], None]
"""Told when a conversation is over: its key, and the error that ended it."""


class Talks:
    """Runs conversations by key. `width` bounds the calls in flight for each provider; more wait at the gate.

    `cut` tells whether waits are cut short now: then a Sleep is answered True at once, and each conversation decides
    what that means. Each answer costs the same, however many conversations there are.
    """

    def __init__(self, width: int, ended: Ended, cut: Callable[[], bool]) -> None:
        self._width, self._ended, self._cut = width, ended, cut
        self._open: dict[int, tuple[str, Talk[Any], Do]] = {}
        self._asleep: dict[int, None] = {}
        self._gates: dict[str, deque[tuple[str, Talk[Any], Call]]] = {}
        self._flying: dict[str, int] = {}
        self._last_key = 0

    def __bool__(self) -> bool:
        """Whether any conversation is going on."""
        return bool(self._open) or self._crowded

    @property
    def room(self) -> bool:
        """Whether more may be begun; what is begun and awake is bounded, so that a failure finds little to undo."""
        return not self._crowded and len(self._open) - len(self._asleep) < 4 * self._width

    @property
    def _crowded(self) -> bool:
        return any(self._gates.values())

    def begin(self, key: str, talk: Talk[Any], out: list[Effect]) -> None:
        """Begin a conversation."""
        self._resume(key, talk, None, out)

    def feed(self, answer: Answer, out: list[Effect]) -> None:
        """Hand an answer to the conversation that waits for it."""
        if answer.key not in self._open:
            return  # a sleeper that was woken before its time
        key, talk, do = self._open.pop(answer.key)
        if isinstance(do, Call):
            self._flying[_provider(do)] -= 1
        self._asleep.pop(answer.key, None)
        self._resume(key, talk, answer, out)

    def pass_gate(self, out: list[Effect]) -> None:
        """Send what waited at the gates, as far as there is room."""
        for provider, gate in self._gates.items():
            while gate and self._flying[provider] < self._width:
                self._send(*gate.popleft(), out)

    def wake(self, out: list[Effect]) -> None:
        """Cut short the waits, if they are to be cut short now; one that is woken may be the reason to wake more."""
        while self._asleep and self._cut():
            number = next(iter(self._asleep))
            self.feed(Answer(number, value=True), out)

    def _resume(self, key: str, talk: Talk[Any], answer: Answer | None, out: list[Effect]) -> None:
        try:
            do = _step(talk, answer)
            while isinstance(do, Tell) or (isinstance(do, Sleep) and self._cut()):
                if isinstance(do, Tell):
                    out.append(Effect(-1, do))
                do = talk.send(None if isinstance(do, Tell) else True)
        except StopIteration:
            self._ended(key, None)
        except (StepFailed, CallFailed, InDoubt) as error:
            self._ended(key, error)
        else:
            self._ask(key, talk, do, out)

    def _ask(self, key: str, talk: Talk[Any], do: Do, out: list[Effect]) -> None:
        if isinstance(do, Call):
            gate = self._gates.setdefault(_provider(do), deque())
            if gate or self._flying.setdefault(_provider(do), 0) >= self._width:
                gate.append((key, talk, do))
                return
        self._send(key, talk, do, out)

    def _send(self, key: str, talk: Talk[Any], do: Do, out: list[Effect]) -> None:
        self._last_key += 1
        self._open[self._last_key] = (key, talk, do)
        if isinstance(do, Call):
            self._flying[_provider(do)] += 1
        elif isinstance(do, Sleep):
            self._asleep[self._last_key] = None
        out.append(Effect(self._last_key, do))


def _provider(call: Call) -> str:
    return call.kind.partition("_")[0]


def _step(talk: Talk[Any], answer: Answer | None) -> Do:
    if answer is None:
        return next(talk)
    if answer.fault:
        return talk.throw(CallFailed(answer.fault))
    return talk.send(answer.value)
