"""Whether a folder may be the home of state: nobody else can write there, and locks work."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from dpn.disk import Disk
from dpn.errors import RefusedError
from dpn.store.files import before_the_first_call, posix, read_file

_MOUNTS = Path("/proc/self/mountinfo")
_MOUNT_POINT = 4  # the fifth field of a line, proc(5)
# Here flock may hold on one machine only, or the file system copies files while they are written.
_SHARED = re.compile(
    r"(nfs\d?|cifs|smb\w*|afs|ncpfs|ceph|lustre|vboxsf"
    r"|fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs|.*(sync|drive|dropbox|cloud).*))"
)
_SYNCED = re.compile(r"dropbox.*|onedrive.*|google ?drive|icloud ?drive|mobile documents|nextcloud", re.IGNORECASE)
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def refuse_untrusted(disk: Disk, root: Path) -> None:
    """Refuse a home that somebody else could have put there or can write to, as ssh does with its folder."""
    found = disk.look(root)
    if found is None or not posix():
        return
    mode, owner = found
    if stat.S_ISLNK(mode):
        raise RefusedError(
            f"The home {root} is a symbolic link.", hint="Name the folder itself: export DPN_HOME=FOLDER"
        )
    if not stat.S_ISDIR(mode):
        raise _no_folder(root)
    if owner != os.getuid():
        raise RefusedError(
            f"The home {root} belongs to user {owner}, not to you ({os.getuid()}).",
            hint="Use a folder of your own: export DPN_HOME=FOLDER",
        )
    if mode & _OTHERS_WRITE:
        raise RefusedError(f"Others can write to the home {root}.", hint=f'Close it: chmod 700 "{root}"')


def refuse_no_folder(disk: Disk, root: Path) -> None:
    """Refuse a home that is a file or below one: what cannot hold state holds no configuration either."""
    with before_the_first_call(f"look at the home {root}"):
        found = next((found for path in (root, *root.parents) if (found := disk.look(path))), None)
    if found and not (stat.S_ISDIR(found[0]) or stat.S_ISLNK(found[0])):
        raise _no_folder(root)


def refuse_around(disk: Disk, outer: Path, inner: Path) -> None:
    """Refuse the sandbox's home when it, or the home that it is in, is not to be trusted."""
    with before_the_first_call(f"look at the home {outer}"):
        refuse_untrusted(disk, outer)
        refuse_untrusted(disk, inner)


def _no_folder(root: Path) -> RefusedError:
    return RefusedError(f"The home {root} is not a folder.", hint="Name a folder: export DPN_HOME=FOLDER")


def make(disk: Disk, root: Path) -> None:
    """Make the home; RefusedError when it cannot be made, before anything else is done."""
    try:
        disk.make_folder(root)
    except OSError as error:
        raise RefusedError(
            f"The home {root} cannot be made: {error.strerror or error}. Nothing was done.",
            hint="Name a folder that can be: export DPN_HOME=FOLDER",
        ) from error


def refuse_writable(disk: Disk, *folders: Path) -> None:
    """Refuse a folder of the home that others can write to: they could swap what is in it."""
    for folder in folders:
        found = disk.look(folder)
        if found and posix() and stat.S_ISDIR(found[0]) and found[0] & _OTHERS_WRITE:
            raise RefusedError(f"Others can write to the folder {folder}.", hint=f'Close it: chmod 700 "{folder}"')


def exposed(disk: Disk, *paths: Path) -> Iterator[tuple[Path, int, int]]:
    """Give what of these others can read or write: its path, its mode, and the mode that it should have."""
    for path in paths:
        found = disk.look(path)
        if found and posix() and not stat.S_ISLNK(found[0]) and found[0] & _OTHERS:
            yield path, stat.S_IMODE(found[0]), 0o700 if stat.S_ISDIR(found[0]) else 0o600


def refuse_links(disk: Disk, *paths: Path) -> None:
    """Refuse a symbolic link where dpn keeps a file or folder of its own: what is written would land elsewhere."""
    for path in paths:
        found = disk.look(path)
        if found and stat.S_ISLNK(found[0]):
            raise RefusedError(
                f"{path} is a symbolic link; dpn made none there.", hint="Look where it leads, then remove it."
            )


def refuse_shared(disk: Disk, root: Path) -> None:
    """Refuse a home on a network file system or in a folder that a service keeps in step."""
    kind = file_system(read_file(disk, _MOUNTS) or b"", root.resolve())  # a link higher up may lead onto another mount
    synced = next((part for part in root.parts if _SYNCED.fullmatch(part)), None)
    if not _SHARED.fullmatch(kind) and not synced:
        return
    why = (
        f"in {synced}, which copies files while they are written" if synced else f"on {kind}, where locks may not hold"
    )
    raise RefusedError(
        f"The home {root} is {why}: two runs could damage each other's state.",
        hint="Use a local folder (export DPN_HOME=FOLDER) or a team backend; DPN_INSIST=1 goes on regardless.",
    )


def file_system(mounts: bytes, folder: Path) -> str:
    """Give the type of the file system that a folder is on, out of Linux's mountinfo; empty if it does not tell."""
    longest, kind = -1, ""
    for line in os.fsdecode(mounts).splitlines():
        left, _, right = line.partition(" - ")
        fields, types = left.split(), right.split()
        if len(fields) > _MOUNT_POINT and types:
            point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[_MOUNT_POINT]))
            depth = len(point.parts)
            if depth >= longest and folder.is_relative_to(point):  # the last of two mounts on one point hides the other
                longest, kind = depth, types[0]
    return kind
