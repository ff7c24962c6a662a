"""Write the reference pages that are made from the code: `python docs/generate.py`; with `--check`, only compare.

hooks.md comes from `dpn.hookspecs`, cli.md from the click commands, kinds-PROVIDER.md and variables.md from the
installed providers.
What a page says is changed in the docstring or the help text that it is made from.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).parent))
from kind_pages import MADE, kinds, kinds_page, variables_page

from dpn import hookspecs
from dpn.cli.tree import ROOT

REFERENCE = Path(__file__).parent / "reference"


def fenced(docstring: str) -> str:
    """Turn each `Example::` block of a docstring into a fenced block of Python."""

    def fence(found: re.Match[str]) -> str:
        return f"Example:\n\n```python\n{inspect.cleandoc(found[1])}\n```\n"

    return re.sub(r"Example::\n\n((?:    .*\n|\n)+)", fence, docstring.rstrip() + "\n")


def manner(name: str, options: Mapping[str, Any]) -> str:
    """Say how pluggy calls a hook."""
    if name in hookspecs.WRAPPER_ONLY:
        return "Wrapper only: an implementation must be `@hookimpl(wrapper=True)`."
    return "The first answer that is not None counts." if options["firstresult"] else "Every plugin is asked."


def hooks() -> Iterator[tuple[str, Callable[..., Any], Mapping[str, Any]]]:
    """Give name, function and options of each hook specification, in the order of the source."""
    for name, function in vars(hookspecs).items():
        if options := getattr(function, "dpn_spec", None):
            yield name, function, options


def hooks_page() -> str:
    """Make the page of the hooks."""
    _, _, introduction = inspect.cleandoc(hookspecs.__doc__ or "").partition("\n\n")
    page = f"# Hooks\n\n{MADE}{introduction}\n"
    for name, function, options in hooks():
        signature = f"{name}{inspect.signature(function)}".replace("'", "")
        text = fenced(inspect.getdoc(function) or "")
        page += f"\n## {name}\n\n```text\n{signature}\n```\n\n{manner(name, options)}\n\n{text}"
    return page


def commands(command: click.Command, path: str, parent: click.Context | None = None) -> Iterator[str]:
    """Give a section for a command, then for each of its own commands that is not hidden."""
    name = path.rpartition(" ")[2]
    context = click.Context(command, parent, info_name=name, terminal_width=100, **command.context_settings)
    yield f"\n## {path}\n\n```text\n{click.unstyle(command.get_help(context)).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child and not child.hidden:
                yield from commands(child, f"{path} {name}", context)


def cli_page(root: click.Command) -> str:
    """Make the page of the command line."""
    return f"# Command line\n\n{MADE}Each command as `--help` shows it.\n" + "".join(commands(root, "dpn"))


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": lambda: cli_page(ROOT),
    "hooks.md": hooks_page,
    "variables.md": variables_page,
    **{
        f"kinds-{name}.md": partial(kinds_page, name)
        for name in sorted({kind.kind.partition("_")[0] for kind in kinds()})
    },
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check tell which are stale."""
    pages = {REFERENCE / name: make() for name, make in PAGES.items()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        print(*(f"{path.name} is stale: run `python docs/generate.py`" for path in stale), sep="\n", end="")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
