"""Which folders may hold state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dpn import store
from dpn.disk import RealDisk
from dpn.errors import DamagedError, InputError, RefusedError
from dpn.extensions import Holder
from dpn.store import dpn_backends
from dpn.store.file import FileBackend
from dpn.store.home import file_system, refuse_no_folder
from dpn.world import World

MOUNTS = rb"""22 1 0:1 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:2 / /home rw - nfs4 server:/home rw
31 22 0:3 / /home/ada/my\040drive rw - fuse.sshfs box:/ rw
32 22 0:4 / /home/ada/local rw - tmpfs tmpfs rw
33 22 0:5 / /home/ada/local rw - xfs /dev/vdb rw
broken line
"""


class MountedDisk(RealDisk):
    """The real disk, on which the mounts are others."""

    def __init__(self, mounts: bytes | None) -> None:
        self.mounts = mounts

    def read(self, path: Path) -> bytes:
        if path != Path("/proc/self/mountinfo"):
            return super().read(path)
        if self.mounts is None:
            raise FileNotFoundError(path)
        return self.mounts


def open_backend(world: World, settings: Mapping[str, Any] = {}) -> Any:
    (kind,) = dpn_backends()
    return store.open_backend(kind, world, settings)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/ada", "nfs4"),
        ("/homely", "ext4"),
        ("/home/ada/my drive/.dpn", "fuse.sshfs"),
        ("/home/ada/local/x", "xfs"),
    ],
)
def test_the_longest_and_last_mount_counts(folder: str, kind: str) -> None:
    assert file_system(MOUNTS, Path(folder)) == kind


def test_without_mounts_nothing_is_known() -> None:
    assert file_system(b"", Path("/home")) == ""


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.rclone", "fuse.pcloud-sync"])
def test_a_network_file_system_is_refused_for_writing(make_world: Any, holder: Holder, kind: str) -> None:
    world = make_world(MountedDisk(b"1 0 0:1 / / rw - %s x rw" % kind.encode()))
    with pytest.raises(RefusedError, match=f"on {kind}") as told:
        open_backend(world).open("lake.dev", holder)
    assert "DPN_INSIST=1" in told.value.hint
    assert open_backend(world).read("lake.dev").serial == 0


@pytest.mark.parametrize("mounts", [b"1 0 0:1 / / rw - ext4 x rw", None])
def test_a_local_file_system_is_taken(make_world: Any, holder: Holder, mounts: bytes | None) -> None:
    open_backend(make_world(MountedDisk(mounts))).open("lake.dev", holder).close()


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - Acme", "Google Drive", "iCloudDrive", "Mobile Documents"])
def test_a_synced_folder_is_refused(world: World, tmp_path: Path, holder: Holder, name: str) -> None:
    with pytest.raises(RefusedError, match=f"in {name}"):
        FileBackend(world, tmp_path / name / "dpn").open("lake.dev", holder)


def test_who_insists_gets_it(world: World, tmp_path: Path, holder: Holder) -> None:
    path = str(tmp_path / "Dropbox")
    open_backend(world, {"path": path, "insist": True}).open("lake.dev", holder).close()
    insisting = World(env={**world.env, "DPN_INSIST": "1"}, cwd=world.cwd, disk=world.disk)
    open_backend(insisting, {"path": path}).open("lake.dev", holder).close()


@pytest.mark.parametrize(
    ("settings", "where"),
    [({}, "home"), ({"path": "team"}, "team"), ({"path": "~"}, "."), ({"path": "~/kept"}, "kept")],
    ids=str,
)
def test_the_path_is_the_home_unless_it_is_set(
    world: World, tmp_path: Path, holder: Holder, settings: dict[str, str], where: str
) -> None:
    open_backend(world, settings).open("lake.dev", holder).close()
    assert (tmp_path / where / "stacks" / "lake.dev" / "lock").exists()


@pytest.mark.parametrize("settings", [{"url": "x"}, {"path": 3}, {"insist": "yes"}], ids=str)
def test_other_settings_are_refused(world: World, settings: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="does not take"):
        open_backend(world, settings)


def test_a_home_that_is_a_link_is_refused(backend: FileBackend, home: Path, tmp_path: Path) -> None:
    (tmp_path / "evil").mkdir(mode=0o700)
    home.symlink_to(tmp_path / "evil")
    for use in (backend.stacks, lambda: backend.read("lake.dev"), lambda: backend.history("lake.dev")):
        with pytest.raises(RefusedError, match="symbolic link"):
            use()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_home_that_others_can_write_to_is_refused(
    backend: FileBackend, home: Path, holder: Holder, mode: int
) -> None:
    home.mkdir()
    home.chmod(mode)
    with pytest.raises(RefusedError, match="Others can write") as told:
        backend.open("lake.dev", holder)
    assert told.value.hint == f'Close it: chmod 700 "{home}"'
    assert not list(home.iterdir())


def test_a_home_of_somebody_else_is_refused(make_world: Any, home: Path) -> None:
    class Foreign(RealDisk):
        def look(self, path: Path) -> tuple[int, int] | None:
            found = super().look(path)
            return found and (found[0], os.getuid() + 1)

    home.mkdir(mode=0o700)
    with pytest.raises(RefusedError, match=f"belongs to user {os.getuid() + 1}"):
        FileBackend(make_world(Foreign()), home).read("lake.dev")


def test_a_home_that_is_a_file_is_refused(backend: FileBackend, home: Path) -> None:
    home.write_text("")
    with pytest.raises(RefusedError, match="not a folder"):
        backend.stacks()


def test_a_home_below_a_file_is_an_error_in_plain_words(world: World, tmp_path: Path, holder: Holder) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusedError, match=r"The home .*/file/home cannot be made: Not a directory\. Nothing"):
        FileBackend(world, tmp_path / "file" / "home").open("lake.dev", holder)


@pytest.mark.parametrize("name", ["lock", "journal", "state.json", "state.json.backup", "history", "."])
def test_a_planted_link_is_refused_and_what_it_leads_to_is_left_alone(
    backend: FileBackend, home: Path, tmp_path: Path, holder: Holder, name: str
) -> None:
    victim = tmp_path / ".bashrc"
    victim.write_text("mine")
    folder = home / "stacks" / "lake.dev"
    folder.parent.mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    if name == ".":
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir(mode=0o700)
        (folder / name).symlink_to(victim)
    with pytest.raises(RefusedError, match="symbolic link"):
        backend.open("lake.dev", holder)
    assert victim.read_text() == "mine"


def test_a_planted_temporary_link_is_removed_and_not_followed(
    backend: FileBackend, home: Path, tmp_path: Path, holder: Holder
) -> None:
    victim = tmp_path / ".bashrc"
    victim.write_text("mine")
    ledger = backend.open("lake.dev", holder)
    (home / "stacks" / "lake.dev" / "state.json.tmp").symlink_to(victim)
    ledger.commit({})
    ledger.close()
    assert victim.read_text() == "mine"
    assert backend.read("lake.dev").serial == 1


@pytest.mark.parametrize("key", ["", "..", ".", "a/b", "../x", "Lake.dev", "a b", "-a", "a.", "a\n", "x" * 121, "ä"])
def test_a_key_that_could_lead_elsewhere_is_refused(backend: FileBackend, holder: Holder, key: str) -> None:
    for use in (backend.read, backend.history, lambda key: backend.open(key, holder)):
        with pytest.raises(InputError, match="is no stack key"):
            use(key)


@pytest.mark.parametrize("name", ["stacks", "stacks/lake.dev", "stacks/lake.dev/history"])
def test_a_folder_of_the_home_that_others_can_write_to_is_refused(
    backend: FileBackend, home: Path, holder: Holder, name: str
) -> None:
    backend.open("lake.dev", holder).close()
    (home / name).chmod(0o777)
    for use in (lambda: backend.read("lake.dev"), lambda: backend.open("lake.dev", holder)):
        with pytest.raises(RefusedError, match="Others can write to the folder") as told:
            use()
        assert told.value.hint == f'Close it: chmod 700 "{home / name}"'


def test_stacks_are_not_listed_out_of_a_folder_that_others_can_write_to(backend: FileBackend, home: Path) -> None:
    (home / "stacks").mkdir(parents=True)
    home.chmod(0o700)
    (home / "stacks").chmod(0o777)
    with pytest.raises(RefusedError, match="Others can write to the folder"):
        backend.stacks()


@pytest.mark.parametrize("name", ["state.json", "journal", "state.json.backup", "lock"])
def test_a_folder_in_the_place_of_a_file_is_damage(backend: FileBackend, home: Path, holder: Holder, name: str) -> None:
    ledger = backend.open("lake.dev", holder)
    ledger.commit({})
    ledger.close()
    path = home / "stacks" / "lake.dev" / name
    path.unlink(missing_ok=True)
    path.mkdir(mode=0o700)
    with pytest.raises(DamagedError, match="is a folder, and dpn keeps a file there") as told:
        backend.open("lake.dev", holder)
    assert str(path) in told.value.message
    assert f'mv "{path}"' in told.value.hint


def test_what_others_can_read_is_told_with_its_proper_mode(backend: FileBackend, home: Path, holder: Holder) -> None:
    ledger = backend.open("lake.dev", holder)
    ledger.commit({})
    ledger.close()
    assert backend.exposed("lake.dev") == []
    state, stacks = home / "stacks" / "lake.dev" / "state.json", home / "stacks"
    state.chmod(0o644)
    stacks.chmod(0o755)
    assert backend.exposed("lake.dev") == [(stacks, 0o755, 0o700), (state, 0o644, 0o600)]


def test_files_and_folders_are_private_whatever_the_umask(backend: FileBackend, home: Path, holder: Holder) -> None:
    before = os.umask(0)
    try:
        ledger = backend.open("lake.dev", holder)
        ledger.begin({}, 0)
        ledger.append({"t": "intent"})
        ledger.commit({})
        ledger.end({})
        ledger.begin({}, 0)
        ledger.close()
    finally:
        os.umask(before)
    found = [home, *home.rglob("*")]
    assert {path.name for path in found} >= {"lock", "journal", "state.json", "state.json.backup", "history"}
    assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_a_home_that_is_a_file_or_below_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file/below/it"):
        with pytest.raises(RefusedError, match="is not a folder"):
            refuse_no_folder(RealDisk(), home)
    (tmp_path / "link").symlink_to(tmp_path)  # whether a link is trusted is asked elsewhere
    for home in (tmp_path, tmp_path / "new/one", tmp_path / "link"):
        refuse_no_folder(RealDisk(), home)
