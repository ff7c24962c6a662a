"""The secrets that a run has given out, and how they are taken out of whatever is written or shown afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from dpn.errors import DpnError, Problem
from dpn.written import forms

E = TypeVar("E", bound=DpnError)
MASK = "(hidden)"
_WORD = 8
_PASSWORD = re.compile(r"://[^/?#\s:@]*:([^/?#\s@]+)@|\bpassword\s*=\s*(?:'([^']+)'|([^'\s]+))")


def passwords(text: str) -> list[str]:
    """Give the passwords that stand in a text, as in the address of a database."""
    return [next(filter(None, found.groups()), "") for found in _PASSWORD.finditer(text)]


class Hidden:
    """Secrets of one run, and their written forms. Threads may share it.

    One of up to eight characters, such as `prod`, is hidden only where it stands as a word: it would spoil every
    message, and tell nothing by that.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def add(self, value: str, within: str = "") -> None:
        """Hide this from now on; where it was put into a longer text, also the word in which it stands there."""
        words = re.findall(rf"\w*{re.escape(value)}\w*", within) if len(value) <= _WORD else ()
        with self._lock:
            found = {one for one in (value, *words) if one.strip()} - self._values
            if found:
                self._values |= found
                self._pattern = None

    def add_whole(self, value: str, within: str = "") -> None:
        """Hide from now on a value that holds a password, as the address of a database may, and the password itself."""
        self.add(value, within)
        for password in passwords(value):
            self.add(password, value)

    def hide(self, text: str) -> str:
        """Give the text without any of the secrets, as they are, quoted, in a URL, in XML or in base64."""
        with self._lock:
            if not self._values:
                return text
            if self._pattern is None:
                # The longest first: a part of one that is hidden would leave its rest behind.
                values = sorted(self._values, key=len, reverse=True)
                self._pattern = re.compile("|".join(dict.fromkeys(form for value in values for form in forms(value))))
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
