"""`dpn plugins new`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("sort", "folder"), [("naming", "dpn-acme-naming"), ("provider", "dpn-acme"), ("policy", "dpn-acme-policy")]
)
def test_a_package_is_written_to_a_folder_of_its_own(shell: Any, sort: str, folder: str) -> None:
    done = shell("plugins", "new", "acme", "--kind", sort, "--json")
    assert done.code == 0
    files = sorted(str(path.relative_to(shell.root)) for path in (shell.root / folder).rglob("*") if path.is_file())
    assert sorted(done.json["files"]) == files
    assert {key: done.json[key] for key in ("name", "kind", "path")} == {"name": "acme", "kind": sort, "path": folder}
    module = folder.replace("-", "_")
    expected = {
        "README.md",
        "pyproject.toml",
        "tests/test_acme.py",
        f"src/{module}/__init__.py",
        f"src/{module}/py.typed",
    }
    assert {f"{folder}/{name}" for name in expected} <= set(files)
    texts = [(shell.root / name).read_text("utf-8") for name in files]
    assert not any("@NAME@" in text or "@MODULE@" in text for text in texts)


def test_the_next_commands_are_said_and_the_files_too(shell: Any) -> None:
    done = shell("plugins", "new", "acme", "--kind", "naming", "--path", "plugins/names")
    assert "Written: plugins/names/pyproject.toml\n" in done.out
    assert "pip install -e 'plugins/names[test]' && pytest plugins/names" in done.err
    assert (shell.root / "plugins" / "names" / "src" / "dpn_acme_naming" / "__init__.py").is_file()


def test_nothing_that_is_there_is_overwritten(shell: Any) -> None:
    (shell.root / "mine").mkdir()
    (shell.root / "mine" / "notes.txt").write_text("mine")
    done = shell("plugins", "new", "acme", "--kind", "naming", "--path", "mine")
    assert done.code == 3
    assert "mine is not empty: it has notes.txt." in done.err
    assert "--path DIR" in done.err
    assert [path.name for path in (shell.root / "mine").iterdir()] == ["notes.txt"]
    assert shell("plugins", "new", "acme", "--kind", "policy").code == 0
    assert shell("plugins", "new", "acme", "--kind", "policy").code == 3


def test_an_empty_folder_will_do_and_a_file_will_not(shell: Any) -> None:
    (shell.root / "empty").mkdir()
    assert shell("plugins", "new", "acme", "--kind", "naming", "--path", "empty").code == 0
    (shell.root / "file").write_text("")
    done = shell("plugins", "new", "acme", "--kind", "naming", "--path", "file")
    assert done.code == 1
    assert "file could not be written to" in done.err


@pytest.mark.parametrize(
    ("sort", "name", "words"),
    [
        ("naming", "Acme", "small letters and digits, with single hyphens"),
        ("naming", "a--b", "single hyphens"),
        ("policy", "../x", "single hyphens"),
        ("policy", "a_b", "single hyphens"),
        ("naming", "", "begins with a letter"),
        ("naming", "x" * 41, "41 characters, more than 40"),
        ("naming", "dpn-acme", "leave dpn out"),
        ("provider", "two-words", "begins each kind of the provider"),
        ("provider", "4711", "begins each kind of the provider"),
        ("provider", "aws", "dpn-aws 0.1.0 offers the providers plugin 'aws' already"),
    ],
)
def test_a_name_that_cannot_be_is_explained(shell: Any, sort: str, name: str, words: str) -> None:
    done = shell("plugins", "new", "--kind", sort, "--", name)
    assert done.code == 64
    assert words in done.err
    assert list(shell.root.iterdir()) == []


def test_only_a_plugin_of_the_same_sort_takes_the_name(shell: Any, install: Callable[..., None]) -> None:
    install("other", {"dpn.extensions": "acme"}, "")
    done = shell("plugins", "new", "acme", "--kind", "policy")
    assert done.code == 64
    assert "pip uninstall other" in done.err
    assert shell("plugins", "new", "acme", "--kind", "naming").code == 0


def test_the_sort_is_asked_for(shell: Any) -> None:
    assert "--kind" in shell("plugins", "new", "acme").err
    assert shell("plugins", "new", "acme", "--kind", "backend").code == 64
