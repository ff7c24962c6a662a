"""Forty false secrets of many shapes, and a cloud `can` that says them back in every way it knows."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from dpn import Broken, Fault, Identity, Observed, Part, Problem, Provider, Ready, Ref, Wait, Want, hookimpl
from dpn.testing.memory import Box, Cloud

_RNG = random.Random(20)
_LETTERS = string.ascii_letters + string.digits


def _word(length: int, letters: str = _LETTERS) -> str:
    return "".join(_RNG.choice(letters) for _ in range(length))


def _shapes() -> list[str]:
    """Give one secret of each shape."""
    jwt = ".".join(base64.urlsafe_b64encode(_word(30).encode()).decode().rstrip("=") for _ in range(3))
    lines = "\n".join(_word(64) for _ in range(3))
    return [
        f"AKIA{_word(16, string.ascii_uppercase)}",
        f"dapi{_word(32, '0123456789abcdef')}",
        jwt,
        f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n",
        f"https://user:{_word(12)}@db.example/x?y={_word(6)}&z=1",
        base64.b64encode(_word(24).encode()).decode() + "/+==",
        f"pässwörd-{_word(8)}-✓",
        f"\"quoted\" '{_word(10)}' \\back\\slash",
        f"first {_word(10)}\nsecond\t{_word(10)}\r\n",
        f"100% {_word(10)} & more=less; $HOME `{_word(4)}`",
        json.dumps({"key": _word(12), "list": [1, None]}),
        f"${{env:{_word(8)}}} and $${{{_word(8)}}}",
        f"\x1b[31m{_word(12)}\x07",
        _word(4000),
        f"{_word(3)}~#",
        f" {_word(10)} ",
        f"postgresql://u:{_word(9)}!@h/db",
        f"xoxb-{_word(12, string.digits)}-{_word(20)}",
        f"ghp_{_word(36)}",
        f"((({_word(9)}[a-z]*+?",
    ]


CANARIES = [*_shapes(), *_shapes()]
FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "repr": repr,
    "json": json.dumps,
    "json of unicode": lambda value: json.dumps(value, ensure_ascii=False),
    "url": lambda value: quote(value, safe=""),
    "path": quote,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "header": lambda value: "Basic " + base64.b64encode(f"user:{value}".encode()).decode(),
    "bytes": lambda value: repr(value.encode()),
}


def traces(value: str) -> set[bytes]:
    """Give what would give a secret away wherever it is found: each form of it, and each line of a key."""
    forms = {FORMS[form](value).strip("\"'") for form in FORMS if form not in ("header", "bytes")}
    forms |= {repr(value.encode())[2:-1]}
    lines = {line for line in value.splitlines() if len(line) >= 12 and not line.startswith("-----")}
    middle = base64.b64encode(f"user:{value}".encode()).decode()[8:-4]
    return {trace.encode() for trace in (*forms, *lines, *([middle] if len(middle) >= 8 else []))}


class EchoError(Exception):
    """Says back what it was given."""


def texts(value: Any) -> list[str]:
    """Give all texts inside a value."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return [text for item in items for text in texts(item)]


class CanBox(Box):
    """A box with room for secrets in texts, lists and objects; what fails says all of them."""

    kind = "can_box"
    schema: ClassVar[Mapping[str, Any]] = {
        **Box.schema,
        "properties": {
            **Box.schema["properties"],
            "token": {"type": "string", "description": "A text."},
            "list": {"type": "array", "items": {"type": "string"}, "description": "Texts."},
            "deep": {"type": "object", "description": "Anything."},
        },
    }
    parts: ClassVar[tuple[Part, ...]] = (*Box.parts, Part("rest", ("token", "list", "deep")))
    session: CanCloud

    def create(self, want: Want) -> Ref:
        self.session.may_fail("create", want)
        return super().create(want)

    def put(self, ref: Ref, part: str, want: Want, seen: Any) -> None:
        self.session.may_fail("put", want)
        super().put(ref, part, want, seen)

    def delete(self, ref: Ref, seen: Any) -> None:
        self.session.may_fail("delete", Want(ref.name, seen.spec))
        super().delete(ref, seen)

    def read(self, ref: Ref) -> Observed | None:
        """Tell all of it once more as what a write must send back, as where somebody has spoilt the notes."""
        found = super().read(ref)
        return found and replace(found, extra={"raw": dict(found.spec)})

    def ready(self, ref: Ref) -> Ready | Wait | Broken:
        found = self._must(ref)
        return Broken(self.session.say(found.spec)) if self.session.failing == "ready" else Ready()


class CanCloud(Cloud):
    """Fails in the method `failing`, and then says in `form` what it was given; `settings` led here."""

    failing = ""
    form: Callable[[str], str] = str
    settings: Mapping[str, Any] = {}

    def say(self, things: Any) -> str:
        return "refused: " + " | ".join(map(self.form, texts(things)))

    def may_fail(self, method: str, want: Want) -> None:
        if self.failing == method:
            raise EchoError(self.say(want.spec))


class CanPlugin:
    """The provider `can` over one cloud; it also listens to events, and wraps all calls and then raises what it saw."""

    def __init__(self) -> None:
        self.cloud = CanCloud()
        self.heard: list[str] = []
        self.raising = False

    def _connect(self, settings: Mapping[str, Any]) -> CanCloud:
        self.cloud.settings = settings
        if self.cloud.failing == "connect":
            raise EchoError(self.cloud.say(settings))
        return self.cloud

    def _preflight(self, cloud: CanCloud) -> list[Problem]:
        said = cloud.say(cloud.settings)
        return [Problem("CAN", said, hint=said)] if cloud.failing == "preflight" else []

    def _identity(self, cloud: CanCloud) -> Identity:
        if cloud.failing == "identity":
            raise EchoError(cloud.say(cloud.settings))
        return Identity("can-account")

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        properties = {"url": {"type": "string"}, "token": {"type": "string", "x-dpn-secret": True}}
        return [
            Provider(
                "can", (CanBox,), connect=self._connect, preflight=self._preflight, identity=self._identity,
                errors=lambda error, method: Fault("not_applied", str(error)[9:40], str(error), hint=str(error)),
                config_schema={"type": "object", "properties": properties},
            )
        ]  # fmt: skip

    @hookimpl
    def dpn_event(self, event: Any) -> None:
        self.heard.append(repr(event))

    @hookimpl(wrapper=True)
    def dpn_create(self, change: Any, kind: Any) -> Any:
        return (yield from self._around(change))

    @hookimpl(wrapper=True)
    def dpn_update(self, change: Any, kind: Any) -> Any:
        return (yield from self._around(change))

    @hookimpl(wrapper=True)
    def dpn_delete(self, change: Any, kind: Any) -> Any:
        return (yield from self._around(change))

    @hookimpl(wrapper=True)
    def dpn_rollback(self, receipt: Any, undo: Any, kind: Any) -> Any:
        return (yield from self._around(receipt))

    def _around(self, told: Any) -> Any:
        self.heard.append(repr(told))
        receipt = yield
        self.heard.append(repr(receipt))
        if self.raising:
            raise EchoError(self.cloud.say([seen.spec for seen in self.cloud.objects.values()]))
        return receipt
