"""The reference is made from the code, is fresh, and its examples are accepted by pluggy."""

from __future__ import annotations

import inspect
import runpy
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import click
import pluggy
import pytest

import dpn
from dpn import hookspecs

DOCS = Path(__file__).parents[2] / "docs"
HOOKS = {name: function for name, function in vars(hookspecs).items() if hasattr(function, "dpn_spec")}


def example(name: str) -> str:
    _, marker, text = (inspect.getdoc(HOOKS[name]) or "").partition("Example::\n")
    assert marker, f"{name} has no example"
    return textwrap.dedent(text)


def test_the_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"], check=False, text=True, stdout=subprocess.PIPE
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_typed_and_documented(name: str) -> None:
    signature = inspect.signature(HOOKS[name])
    assert signature.return_annotation is not signature.empty
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())
    page = (DOCS / "reference" / "hooks.md").read_text("utf-8")
    assert f"\n## {name}\n" in page
    assert example(name).strip() in page


@pytest.mark.parametrize("name", HOOKS)
def test_the_example_of_a_hook_is_a_plugin_that_pluggy_accepts(name: str) -> None:
    plugin = ModuleType("example")
    facade = {offered: getattr(dpn, offered) for offered in dpn.__all__}
    exec(example(name), facade | vars(plugin), vars(plugin))
    manager = pluggy.PluginManager("dpn")
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    (found,) = getattr(manager.hook, name).get_hookimpls()
    assert found.wrapper == (name in hookspecs.WRAPPER_ONLY)


def test_the_command_line_page_shows_each_command_that_is_not_hidden() -> None:
    root = click.Group("dpn", help="Name and provision.")
    root.add_command(click.Command("plan", help="Show what would change.", params=[click.Option(["--offline"])]))
    root.add_command(click.Command("secret", hidden=True))
    page = runpy.run_path(str(DOCS / "generate.py"))["cli_page"](root)
    assert "\n## dpn plan\n" in page
    assert "Usage: dpn plan [OPTIONS]" in page
    assert "secret" not in page


def test_a_kind_that_is_only_named_is_described_by_its_rule() -> None:
    class Lid(dpn.NamedKind):
        """A lid."""

        kind = "lab_lid"
        name_rule = dpn.NameRule(
            pattern="[a-z`-]+", max=9, charset="a-z`-", separator="/", forbid_prefix=("x-",), allow_suffix=(".lid",),
            reserved=tuple(f"word{number}" for number in range(10)), unique_fold="lower",
            source="https://lab.example/lids, section 2", checked="2026-11-30",
        )  # fmt: skip
        default_pattern = "{size}"
        variables: ClassVar[Mapping[str, dpn.Variable]] = {"size": dpn.Variable("How big.")}

    section = runpy.run_path(str(DOCS / "kind_pages.py"))["named_section"](Lid)
    listed = ", ".join(f"`word{number}`" for number in range(8))
    assert section == (
        "\n### lab_lid\n\nA lid.\n\n"
        "- Name: 1 to 9 chars, `` [a-z`-]+ ``, unique in: account, whatever the case\n"
        "- Characters: `` a-z`- ``; between words: `-`, between parts: `/`\n"
        f"- Refused: beginning `x-`; reserved {listed} and 2 more\n"
        "- May end with: `.lid`\n"
        "- Pattern: `{size}`\n"
        "    - `size`: How big.\n"
        "- Source: <https://lab.example/lids>, section 2 (read 2026-11-30)\n"
    )


def test_the_page_of_variables_has_every_variable_of_every_kind() -> None:
    from dpn.naming.convention import STANDARD

    made = runpy.run_path(str(DOCS / "kind_pages.py"))
    assert set(made["EVERYWHERE"]) == STANDARD
    page = (DOCS / "reference" / "variables.md").read_text("utf-8")
    sections = {text.partition("\n")[0]: text for text in page.split("\n### ")[1:]}
    for kind in made["kinds"]():
        if kind.default_pattern:
            assert f"`{kind.default_pattern}`" in sections[kind.kind]
            for name, variable in kind.variables.items():
                assert f"| `{name}` |" in sections[kind.kind]
                assert variable.doc.replace("|", "\\|") in sections[kind.kind]
