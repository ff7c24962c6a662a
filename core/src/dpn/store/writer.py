"""The journal that is being written: appended in memory, made durable by one write and one fsync for all that waits."""

from __future__ import annotations

from pathlib import Path

from dpn.disk import Disk
from dpn.store import journal
from dpn.store.journal import Entry, Scan

EXTENT = 1 << 16
"""Bytes by which the reserved space grows when it is used up."""


class Writer:
    """The open journal file. Raises OSError; after one it must not be used again.

    A failed fsync is final: the kernel drops what it could not write, and the next fsync would report success.
    """

    def __init__(self, disk: Disk, fd: int, seq: int = 0, offset: int = 0) -> None:
        self._disk = disk
        self._fd = fd
        self._seq = seq
        self._offset = offset
        self._reserved = disk.size(fd)
        self._waiting: list[bytes] = []

    @classmethod
    def create(cls, disk: Disk, path: Path, reserve: int) -> Writer:
        """Make a new journal with `reserve` bytes of its own on the disk."""
        fd = disk.create(path)
        try:
            disk.reserve(fd, max(reserve, EXTENT))
            return cls(disk, fd)
        except BaseException:
            disk.close(fd)
            raise

    @classmethod
    def resume(cls, disk: Disk, path: Path, scan: Scan) -> Writer:
        """Go on behind the last good entry; a torn tail is cut, durably, before anything is added.

        The entries are written once more: after a failed fsync they may be in the kernel's memory only.
        """
        good = disk.read(path)[: scan.good_length]
        fd = disk.open(path)
        try:
            if scan.torn:
                disk.truncate(fd, scan.good_length)
            disk.write(fd, good, 0)
            disk.sync(fd)
            return cls(disk, fd, len(scan.entries), scan.good_length)
        except BaseException:
            disk.close(fd)
            raise

    def append(self, entry: Entry) -> int:
        """Add an entry to what waits and give its sequence number."""
        seq = self._seq
        self._waiting.append(journal.encode(seq, entry))
        self._seq += 1
        return seq

    def sync(self) -> None:
        """Make all that waits durable; nothing to do costs nothing."""
        if self._waiting:
            self._write()
            self._disk.sync(self._fd)

    def finish(self) -> None:
        """Make all durable and give back the reserved space that was not used."""
        self._write()
        self._disk.truncate(self._fd, self._offset)
        self._disk.sync(self._fd)

    def _write(self) -> None:
        data = b"".join(self._waiting)
        missing = self._offset + len(data) - self._reserved
        if missing > 0:
            self._disk.reserve(self._fd, missing + EXTENT)
            self._reserved += missing + EXTENT
        self._disk.write(self._fd, data, self._offset)
        self._offset += len(data)
        self._waiting.clear()

    def close(self) -> None:
        """Let go of the file; what waits is dropped."""
        self._disk.close(self._fd)
