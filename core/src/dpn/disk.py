"""The disk as dpn uses it: the few operations that must be durable, private and replaceable by a simulation.

Files are made 0600 and folders 0700 at creation, whatever the umask; links are never followed when a file is made.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Descriptors are opaque numbers. All methods raise OSError."""

    def read(self, path: Path) -> bytes: ...
    def names(self, folder: Path) -> list[str]: ...
    def look(self, path: Path) -> tuple[int, int] | None: ...
    def make_folder(self, folder: Path) -> None: ...
    def create(self, path: Path) -> int: ...
    def open(self, path: Path) -> int: ...
    def size(self, fd: int) -> int: ...
    def write(self, fd: int, data: bytes, offset: int) -> None: ...
    def sync(self, fd: int) -> None: ...
    def reserve(self, fd: int, size: int) -> None: ...
    def truncate(self, fd: int, size: int) -> None: ...
    def close(self, fd: int) -> None: ...
    def rename(self, old: Path, new: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def sync_folder(self, folder: Path) -> None: ...
    def try_lock(self, fd: int) -> bool: ...


def write_new(disk: Disk, path: Path, content: bytes) -> None:
    """Write a private file, in place of one that is there, and make its content durable. OSError."""
    disk.remove(path)
    fd = disk.create(path)
    try:
        disk.write(fd, content, 0)
        disk.sync(fd)
    finally:
        disk.close(fd)


def write_out(disk: Disk, path: Path, content: bytes) -> None:
    """Write a private file that a person named; what is there stays whole until the new one is durable. OSError.

    A device, a pipe or what leads to one is written to, never replaced.
    """
    found = disk.look(path)
    if found and not stat.S_ISREG(found[0]) and not _is_mere_link(path):
        with path.open("wb") as out:
            out.write(content)
        return
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write_new(disk, temp, content)
        disk.rename(temp, path)
    except OSError:
        with suppress(OSError):  # the first error counts
            disk.remove(temp)
        raise
    disk.sync_folder(path.parent)


def _is_mere_link(path: Path) -> bool:
    """Tell whether this is a link to a file or to nothing: it is replaced, so that nobody can lead us to a file."""
    if not path.is_symlink() or os.readlink(path).startswith("/proc/"):  # as /dev/stdout is
        return False
    return path.is_file() or not path.exists()


class RealDisk:
    """The disk of this machine."""

    def read(self, path: Path) -> bytes:
        """Give the whole file."""
        return path.read_bytes()

    def names(self, folder: Path) -> list[str]:
        """Give the sorted names in a folder; none if there is no folder."""
        try:
            return sorted(os.listdir(folder))
        except FileNotFoundError:
            return []

    def look(self, path: Path) -> tuple[int, int] | None:
        """Give mode and owner of what is at a path, links not followed; None if nothing is."""
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):  # the second: below a file there is nothing
            return None
        return found.st_mode, found.st_uid

    def make_folder(self, folder: Path) -> None:
        """Make the folder and its parents; those that are new are private."""
        for path in [*reversed(folder.parents), folder]:
            try:
                os.mkdir(path, 0o700)
            except (FileExistsError, IsADirectoryError):  # macOS says the second of "/"
                continue
            self.sync_folder(path.parent)

    def create(self, path: Path) -> int:
        """Make a new file; refuse one that is there, and links."""
        return self._open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open(self, path: Path) -> int:
        """Open for reading and writing; make it if it is not there."""
        return self._open(path, os.O_RDWR | os.O_CREAT)

    def _open(self, path: Path, flags: int) -> int:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def size(self, fd: int) -> int:
        """Give the length in bytes."""
        return os.fstat(fd).st_size

    def write(self, fd: int, data: bytes, offset: int) -> None:
        """Write all of it at `offset`."""
        done = 0
        while done < len(data):
            done += os.pwrite(fd, data[done:], offset + done)

    def sync(self, fd: int) -> None:
        """Make the file durable. A failure is final: the kernel forgets unwritten pages, so never try again."""
        os.fsync(fd)

    def reserve(self, fd: int, size: int) -> None:
        """Make the file `size` bytes longer with zeros that have their place on the disk."""
        end = os.fstat(fd).st_size
        try:
            os.posix_fallocate(fd, end, size)
        except AttributeError:  # macOS has no such call
            self.write(fd, bytes(size), end)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
            self.write(fd, bytes(size), end)

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(fd, size)

    def close(self, fd: int) -> None:
        """Close it; a lock on it is gone."""
        os.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Replace `new` in one step."""
        os.replace(old, new)

    def remove(self, path: Path) -> None:
        """Remove a file; absent is no error."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def try_lock(self, fd: int) -> bool:
        """Take the file for this process; False if another one has it. Freed when the descriptor is closed."""
        import fcntl  # noqa: PLC0415 - Windows has none: there naming and planning still work

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
