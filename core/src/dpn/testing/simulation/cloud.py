"""A hostile cloud in memory: replies get lost, requests land late, looks lag, strangers take names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from dpn.model import Observed
from dpn.testing.cloud import Cloud, CloudError

WRITES = ("create", "put", "delete", "mark", "rename", "archive", "restore", "undrop")

FAULTS: Mapping[str, str] = {
    "refuse": "denied, not carried out", "throttle": "too many requests, not carried out",
    "drop": "no reply, not carried out", "lose": "carried out, no reply",
    "garbage": "carried out, the reply makes no sense", "late": "no reply; carried out when all is over",
    "soon": "no reply; carried out three calls later",
}  # fmt: skip
LATE = ("late", "soon")

ON_NAMELESS: Mapping[str, str] = {
    "both": "throttled, and yet carried out", "twice": "carried out three times, no reply",
}  # fmt: skip
"""The faults of a create where names are not unique: a proxy may have sent it on, or sent it again."""

ON_LOOKS = ("refuse", "throttle", "drop", "garbage")
"""The faults that a call without an effect can have."""

_SOON = 3
_PAGE = "<html>the page of a proxy</html>"
_REFUSED = {"refuse": "Denied", "throttle": "SlowDown", "drop": "Timeout"}


@dataclass(frozen=True, slots=True)
class CloudImage:
    """Everything in the cloud at one moment, and what is still on its way there."""

    objects: dict[tuple[str, str], Observed]
    theirs: dict[tuple[str, str], Observed]
    bin: dict[str, Observed]
    hidden: dict[tuple[str, str], int]
    pending: tuple[tuple[int, Callable[[], Any]], ...]
    made: int


@dataclass
class SimCloud(Cloud):
    """Calls are numbered from 0 in each life; `wrong`, or else `fault`, says which go wrong and how (see `FAULTS`).

    `theirs` is what strangers made, among `objects`. `lag`: how many looks do not see what was created since. `step` is
    called before each write takes effect, and may raise. `moments` run before the call with that number.
    """

    theirs: dict[tuple[str, str], Observed] = field(default_factory=dict)
    lag: int = 0
    nameless: frozenset[str] = frozenset()  # the kinds whose names are not unique
    bin: dict[str, Observed] = field(default_factory=dict)
    hidden: dict[tuple[str, str], int] = field(default_factory=dict)
    pending: list[tuple[int, Callable[[], Any]]] = field(default_factory=list)
    wrong: Mapping[int, str] = field(default_factory=dict)
    moments: Mapping[int, Callable[[], None]] = field(default_factory=dict)
    step: Callable[[str], None] = lambda _: None

    def image(self) -> CloudImage:
        """Give what is in the cloud now."""
        return CloudImage(
            dict(self.objects), dict(self.theirs), dict(self.bin), dict(self.hidden), tuple(self.pending), self.made
        )

    def restore(self, image: CloudImage) -> None:
        """Go back to an image; no call was made yet."""
        self.objects, self.theirs = dict(image.objects), dict(image.theirs)
        self.bin, self.hidden = dict(image.bin), dict(image.hidden)
        self.pending, self.made = list(image.pending), image.made
        self.calls = []

    def by_stranger(self, seen: Observed) -> None:
        """Let somebody else make a thing, in the place of what has its id."""
        self.objects[seen.ref.kind, seen.ref.id or ""] = self.theirs[seen.ref.kind, seen.ref.id or ""] = seen

    def call(self, kind: str, method: str, name: str, work: Callable[[], Any]) -> Any:
        number = len(self.calls)
        if moment := self.moments.get(number):
            moment()
        self._land(number)
        self.calls.append((kind, method, name))
        wrong = self.wrong.get(number) or self.fault(kind, method, name)
        if wrong in ON_NAMELESS and (method != "create" or kind not in self.nameless):
            wrong = None
        if wrong in _REFUSED:
            raise CloudError(_REFUSED[wrong], wrong)
        if wrong in LATE and method in WRITES:
            self.pending.append((number + _SOON if wrong == "soon" else -1, work))
            raise CloudError("Timeout", "drop")
        if method not in WRITES:
            found = self._looked(work)
            return _PAGE if wrong == "garbage" else found
        self.step(method)
        return self._replied(self._done(work), wrong)

    def _replied(self, result: Any, wrong: str | None) -> Any:
        if wrong == "lose":
            raise CloudError("Timeout", "lose")
        if wrong == "both":
            raise CloudError("SlowDown", "throttle")
        if wrong == "garbage":
            return _PAGE
        if wrong == "twice":
            self._repeated(result)
        return result

    def _repeated(self, made: Any) -> None:
        """Play a proxy that sent a create three times, and lost the replies."""
        kind, seen = made.kind, self.objects[made.kind, made.id]
        copies = {(kind, other): replace(seen, ref=replace(seen.ref, id=other)) for other in ("i9", "i000900")}
        self.objects |= copies
        raise CloudError("Timeout", "lose")

    def _done(self, work: Callable[[], Any]) -> Any:
        before = set(self.objects)
        result = work()
        if self.lag:
            self.hidden |= dict.fromkeys(set(self.objects) - before, self.lag)
        return result

    def _looked(self, work: Callable[[], Any]) -> Any:
        if not self.hidden:
            return work()
        unseen = {key: self.objects.pop(key) for key in self.hidden if key in self.objects}
        self.hidden = {key: left - 1 for key, left in self.hidden.items() if left > 1}
        try:
            found = work()
            return list(found) if isinstance(found, list) else found
        finally:
            self.objects |= unseen

    def _land(self, number: int) -> None:
        if not self.pending:
            return
        due = [work for when, work in self.pending if 0 <= when <= number]
        self.pending = [(when, work) for when, work in self.pending if not 0 <= when <= number]
        self._arrive(due)

    def rest(self) -> None:
        """Let what is starting be ready, as it is when a person comes back."""
        ready = {key: replace(seen, status="ok") for key, seen in self.objects.items() if seen.status == "starting"}
        self.objects |= ready

    def land(self) -> None:
        """Let everything that is late arrive, and be seen."""
        self.hidden = {}
        late, self.pending = [work for _, work in self.pending], []
        self._arrive(late)

    def _arrive(self, late: list[Callable[[], Any]]) -> None:
        for work in late:
            with suppress(CloudError):
                self.step("late")
                work()
