"""The page on mistakes in the naming files has every code that naming and configuration use, with an example."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "naming-errors.md").read_text("utf-8")
CODE = re.compile(r"[A-Z]{2,}(-[A-Z]+)+|UNREADABLE|SCHEMA")
SHOWN_IN_WORDS = {  # what brings them about is a program, not a file
    "VALUE-TYPE": "from a program that calls `dpn.api`",
    "FILTER-FAILED": "The filter initials failed on",
    "NAME-REFUSED": "Said by Plugin 'acme'",
}


def codes() -> Iterator[str]:
    """Give the codes that stand in the source; every problem has its code written out."""
    for folder in ("naming", "config"):
        for path in (ROOT / "core" / "src" / "dpn" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    yield node.value


CODES = sorted({*codes(), "SCHEMA"})


def test_there_are_codes() -> None:
    assert len(CODES) > 40


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_on_the_page_with_an_example_and_what_to_do(code: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{code}`" in line.split(" | ")[0]]
    assert len(rows) == 1
    cells = re.split(r"(?<!\\)\|", rows[0])[1:-1]
    assert len(cells) == 3
    assert all(cell.strip() for cell in cells)
    examples = "\n".join(re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    shown = f"[{code}]" in examples or f'"{code}"' in examples
    assert shown or (code == "NAME-RESERVED" and "is a reserved name" in examples) or SHOWN_IN_WORDS[code] in PAGE


def test_the_page_has_no_code_that_is_gone() -> None:
    listed = {
        code
        for line in PAGE.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([A-Z-]{4,})`", line.split(" | ")[0])
    }
    assert listed == set(CODES)
