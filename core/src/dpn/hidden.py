"""The secrets that a run has given out, and how they are taken out of whatever is written or shown afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from dpn.errors import DpnError, Problem

E = TypeVar("E", bound=DpnError)
MASK = "(hidden)"
_SHORT = 4
_LINE = 8
_PASSWORD = re.compile(r"://[^/?#\s:@]*:([^/?#\s@]+)@|\bpassword\s*=\s*(?:'([^']+)'|([^'\s]+))")


def passwords(text: str) -> list[str]:
    """Give the passwords that stand in a text, as in the address of a database."""
    return [next(filter(None, found.groups()), "") for found in _PASSWORD.finditer(text)]


class Hidden:
    """Secrets of one run, and their written forms. Threads may share it.

    One of less than four characters, such as a digit, is hidden only where it stands as a word: it would spoil every
    message, and tell nothing by that.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def add(self, value: str) -> None:
        """Hide this from now on."""
        with self._lock:
            if value and value not in self._values:
                self._values.add(value)
                self._pattern = None

    def add_whole(self, value: str) -> None:
        """Hide from now on a value that holds a password, as the address of a database may, and the password itself."""
        self.add(value)
        for password in passwords(value):
            self.add(password)

    def hide(self, text: str) -> str:
        """Give the text without any of the secrets, as they are, quoted, in a URL or in base64."""
        with self._lock:
            if not self._values:
                return text
            if self._pattern is None:
                # The longest first: a part of one that is hidden would leave its rest behind.
                forms = {form for value in self._values for form in _forms(value)}
                self._pattern = re.compile("|".join(sorted(forms, key=len, reverse=True)))
            return self._pattern.sub(MASK, text)

    def problem(self, problem: Problem) -> Problem:
        """Give a problem without any of the secrets."""
        hint = self.hide(problem.hint) if problem.hint else problem.hint
        return replace(problem, message=self.hide(problem.message), hint=hint)

    def cleared(self, error: E) -> E:
        """Take the secrets out of what an error says, and give it back."""
        error.message, error.hint = self.hide(error.message), self.hide(error.hint)
        error.problems = tuple(map(self.problem, error.problems))
        error.args = (error.message,)
        return error


def _forms(value: str) -> Iterator[str]:
    """Yield a pattern for each way in which services, SDKs and Python write a value."""
    if len(value) < _SHORT:
        yield rf"(?<!\w){re.escape(value)}(?!\w)"
        return
    lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
    for plain in (value, *(line for line in lines if len(line) >= _LINE)):
        yield from map(re.escape, {plain, *_quoted(plain)})
    yield from map(re.escape, _base64(value))
    for url in _in_url(value):
        # A hexadecimal digit may be of either case.
        yield re.sub("%[0-9A-F]{2}", lambda code: f"(?i:{code[0]})", re.escape(url))


def _quoted(value: str) -> Iterator[str]:
    """Yield how JSON and `repr` write it, without the quotes around it."""
    import json  # noqa: PLC0415 - only a message that may hold a secret needs it

    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield repr(value + "'\"")[1:-4]  # as it is when both kinds of quotes are in the same text
    yield repr(_bytes(value))[2:-1]


def _in_url(value: str) -> Iterator[str]:
    from urllib.parse import quote, quote_plus  # noqa: PLC0415 - as above

    data = _bytes(value)
    yield quote(data)
    yield quote(data, safe="")
    yield quote_plus(data)


def _base64(value: str) -> Iterator[str]:
    """Yield the base64 of it, and of it inside a longer text: at three places, without what it shares with others."""
    from base64 import b64encode, urlsafe_b64encode  # noqa: PLC0415 - as above

    data = _bytes(value)
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        for offset in range(3):
            text = encode(bytes(offset) + data).decode().rstrip("=")
            first, last = (0, 2, 3)[offset], (len(data) + offset) * 8 // 6
            if last - first > _SHORT:
                yield text[first:last]


def _bytes(value: str) -> bytes:
    """Give its bytes, also where it is no Unicode: in the environment and out of a JSON escape, nothing keeps it so."""
    try:
        return value.encode(errors="surrogateescape")  # how Python reads the environment
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")
