"""The page on writing a provider shows the example as it is, all of it, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "write-a-provider.md").read_text("utf-8")
CONTRACT = (ROOT / "docs" / "reference" / "provider-contract.md").read_text("utf-8")
EXAMPLE = ROOT / "examples" / "third-party"
MODULE = EXAMPLE / "src" / "dpn_acme" / "__init__.py"
SUITE = ROOT / "core" / "src" / "dpn" / "testing"


def shown(language: str) -> list[str]:
    """Give the blocks of a language, as they stand on the page."""
    return re.findall(rf"^```{language}[^\n]*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def squeezed(text: str) -> str:
    """Leave out empty lines, which a page cuts at."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def test_the_module_is_shown_whole_and_in_order() -> None:
    *module, _ = shown("python")
    assert squeezed("\n".join(module)) == squeezed(MODULE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("language", "file"), [("python", "tests/test_acme.py"), ("toml", "pyproject.toml"), ("json", "blueprint.json")]
)
def test_the_last_block_of_a_language_is_in_its_file(language: str, file: str) -> None:
    assert shown(language)[-1] in (EXAMPLE / file).read_text("utf-8")


def test_the_rules_that_tests_name_are_those_of_the_contract() -> None:
    named = {
        int(number)
        for path in SUITE.glob("*.py")
        for rules in re.findall(r"[Rr]ules? ([0-9, and]*[0-9])", path.read_text("utf-8"))
        for number in re.findall(r"[0-9]+", rules)
    }
    written = {int(number) for number in re.findall(r"^([0-9]+)\. ", CONTRACT, re.MULTILINE)}
    assert written == set(range(1, len(written) + 1))
    assert named <= written
    assert len(named) > 5


def test_every_promise_of_the_suite_is_on_the_page_of_the_contract() -> None:
    from dpn.testing import ResourceConformance

    tests = {name for name in dir(ResourceConformance) if name.startswith("test_")}
    assert set(re.findall(r"`(test_\w+)`", CONTRACT)) == tests
