"""Every code block of the documentation is true.

The convention, by the language of a block:

- `console`: each line that begins with `$ ` is run by bash, and what it prints must be the lines below it. `...` is any
  text inside a line, and alone on a line any lines. A command must succeed; write `; echo $?` to show another code.
  All blocks of one page share one empty home and folder, in their order on the page. `pip install` puts a package from
  that folder where only the commands of the page find it, and fetches nothing.
- `python` compiles; `json`, `yaml` and `toml` parse; `bash` is not run (it installs, or needs an account), but its
  syntax is checked.
- `title="NAME"` after the language writes the block to that file first, for the commands below it.
- `text` and `mermaid` are only shown. A block without a language is an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")  # a regular expression may look like a link: [a-z](?:[a-z0-9]*)
SHOWN = {"text", "mermaid"}


@dataclass(frozen=True)
class Block:
    place: str
    language: str
    title: str
    body: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    found = []
    for match in FENCE.finditer(text):
        language, _, rest = match["info"].partition(" ")
        title = re.search(r'title="([^"]+)"', rest)
        place = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
        found.append(Block(place, language, title[1] if title else "", textwrap.dedent(match["body"])))
    return found


BLOCKS = [block for page in PAGES for block in blocks(page)]


def bash_syntax(text: str) -> None:
    subprocess.run(["bash", "-n"], input=text, text=True, check=True, capture_output=True)


PARSERS: dict[str, Callable[[str], object]] = {
    "python": lambda text: compile(text, "block", "exec"),
    "json": json.loads,
    "yaml": lambda text: YAML(typ="safe").load(text),
    "toml": tomllib.loads,
    "bash": bash_syntax,
}


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Give each command with what it should print."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = next(n for n, line in enumerate(lines, 1) if not line.endswith("\\"))
        yield "\n".join(lines[:length]), "\n".join(lines[length:]).strip()


def matches(expected: str, printed: str) -> bool:
    """Compare as a reader does: `...` is whatever stands there, space at the ends of lines does not count."""
    pattern = re.escape("\n".join(line.rstrip() for line in expected.splitlines()))
    pattern = re.sub(r"(?m)^\\\.\\\.\\\.$", r"(?:.*\n)*?.*", pattern.replace("\\\n", "\n"))
    pattern = pattern.replace(re.escape("..."), "[^\n]*")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.strip().splitlines())) is not None


def terminal(root: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Give a function that runs a command as in a terminal of a new user, in the folder `home` of `root`."""
    home, site = root / "home", root / "site"
    home.mkdir()
    path = os.pathsep.join([str(own_pip(root / "bin", site)), str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {"PATH": path, "HOME": str(home), "DPN_HOME": str(home / ".dpn"), "NO_COLOR": "1", "COLUMNS": "100"}
    env |= {"LANG": "C.UTF-8", "TERM": "dumb", "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=home,
            env=env,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    return run


def own_pip(folder: Path, site: Path) -> Path:
    """Make a folder with a `pip` that installs into `site`, with the build backend that is here: nothing is fetched."""
    uv = shutil.which("uv")
    tool = f"{uv} pip" if uv else f"{sys.executable} -m pip"
    more = f"--python {sys.executable} --offline --reinstall" if uv else "--no-index --upgrade"
    folder.mkdir()
    script = folder / "pip"
    script.write_text(f'#!/bin/sh\nexec {tool} "$@" --no-deps --no-build-isolation --target {site} {more}\n', "utf-8")
    script.chmod(0o700)
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_has_a_language_and_is_well_formed(block: Block) -> None:
    assert block.language in {*PARSERS, *SHOWN, "console"}
    if parse := PARSERS.get(block.language):
        parse(block.body)


CONSOLE_PAGES = [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", CONSOLE_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    run = terminal(tmp_path)
    try:
        for block in blocks(page):
            if block.title:
                target = tmp_path / "home" / block.title
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.body, "utf-8")
            for command, expected in commands(block.body) if block.language == "console" else ():
                done = run(command)
                assert done.returncode == 0, f"{block.place}: $ {command}\n{done.stdout}"
                assert matches(expected, done.stdout), f"{block.place}: $ {command}\n{done.stdout}"
    finally:
        if (tmp_path / "home" / ".dpn" / "sandbox").exists():
            run("dpn sandbox stop")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = INLINE.sub("", FENCE.sub("", page.read_text("utf-8")))
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a", "b", False),
        ("a\nb", "a", False),
        ("took ... s", "took 0.3 s", True),
        ("took ... s", "took 0.3 s\nmore", False),
        ("first\n...\nlast", "first\nx\ny\nlast", True),
        ("...", "", True),
        ("1 + 1 (ok)", "1 + 1 (ok)", True),
    ],
)
def test_output_is_compared_with_wildcards(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same


def test_commands_are_told_from_what_they_print() -> None:
    assert list(commands("$ one \\\n  more\nout\n$ two\n")) == [("one \\\n  more", "out"), ("two", "")]
