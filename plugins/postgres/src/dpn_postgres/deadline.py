"""How long a statement may take: the server or the network may fall silent, and TCP waits for hours."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LOOKS = 10  # in the time of one statement; a thread for each would cost more than the statement


class Deadline:
    """Hangs up one connection under a statement that takes longer than `seconds`; psycopg then takes it for lost.

    To cancel the statement would take an answer of a server that gives none. A connection must not be closed by another
    thread, but the socket below it may be shut down, through a descriptor of our own.
    """

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._below = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
        self._seconds = seconds
        self._since: float | None = None
        self._rung = False
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch over what is sent in here; OperationalError if it was hung up."""
        from psycopg import OperationalError

        self._since = time.monotonic()
        try:
            yield
        except Exception as error:
            if self._rung:
                raise OperationalError(f"no answer in {self._seconds:g} s") from error
            raise
        finally:
            self._since = None

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        with self._below:
            while not self._over.wait(self._seconds / _LOOKS):
                since = self._since
                if since is not None and time.monotonic() - since > self._seconds:
                    self._rung = True
                    with suppress(OSError):  # it has ended by itself
                        self._below.shutdown(socket.SHUT_RDWR)
                    return
