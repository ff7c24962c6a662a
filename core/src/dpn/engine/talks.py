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
    what that means.
    """

    def __init__(self, width: int, ended: Ended, cut: Callable[[], bool]) -> None:
        self._width, self._ended, self._cut = width, ended, cut
        self._open: dict[int, tuple[str, Talk[Any], Do]] = {}
        self._gate: deque[tuple[str, Talk[Any], Call]] = deque()
        self._flying: dict[str, int] = {}
        self._asleep = 0
        self._last_key = 0

    def __bool__(self) -> bool:
        """Whether any conversation is going on."""
        return bool(self._open or self._gate)

    @property
    def room(self) -> bool:
        """Whether more may be begun; what is begun and awake is bounded, so that a failure finds little to undo."""
        return not self._gate and len(self._open) - self._asleep < 4 * self._width

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
        self._asleep -= isinstance(do, Sleep)
        self._resume(key, talk, answer, out)

    def pass_gate(self, out: list[Effect]) -> None:
        """Send what waited at the gate, as far as there is room."""
        for _ in range(len(self._gate)):
            self._ask(*self._gate.popleft(), out)

    def wake(self, out: list[Effect]) -> None:
        """Cut short the waits, if they are to be cut short now."""
        sleepers = [number for number, (_, _, do) in self._open.items() if isinstance(do, Sleep)]
        for number in sleepers if self._cut() else ():
            key, talk, _ = self._open.pop(number)
            self._asleep -= 1
            self._resume(key, talk, Answer(number, value=True), out)

    def _resume(self, key: str, talk: Talk[Any], answer: Answer | None, out: list[Effect]) -> None:
        try:
            do = _step(talk, answer)
            while isinstance(do, Tell):
                out.append(Effect(-1, do))
                do = next(talk)
        except StopIteration:
            self._ended(key, None)
        except (StepFailed, CallFailed, InDoubt) as error:
            self._ended(key, error)
            self.wake(out)
        else:
            self._ask(key, talk, do, out)

    def _ask(self, key: str, talk: Talk[Any], do: Do, out: list[Effect]) -> None:
        if isinstance(do, Sleep):
            if self._cut():
                self._resume(key, talk, Answer(0, value=True), out)
                return
            self._asleep += 1
        if isinstance(do, Call):
            if self._flying.get(_provider(do), 0) >= self._width:
                self._gate.append((key, talk, do))
                return
            self._flying[_provider(do)] = self._flying.get(_provider(do), 0) + 1
        self._last_key += 1
        self._open[self._last_key] = (key, talk, do)
        out.append(Effect(self._last_key, do))


def _provider(call: Call) -> str:
    return call.kind.partition("_")[0]


def _step(talk: Talk[Any], answer: Answer | None) -> Do:
    if answer is None:
        return next(talk)
    if answer.fault:
        return talk.throw(CallFailed(answer.fault))
    return talk.send(answer.value)
