"""Write the reference pages that are made from the code: `python docs/generate.py`; with `--check`, only compare.

hooks.md comes from `dpn.hookspecs`, cli.md from the click commands, kinds-PROVIDER.md from the installed providers.
What a page says is changed in the docstring or the help text that it is made from.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from dpn import Kind, NamedKind, NameRule, hookspecs
from dpn.cli.tree import ROOT

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/generate.py; change the source instead. -->\n\n"


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


def kinds() -> Iterator[type[NamedKind]]:
    """Give the kinds of all installed providers, by name."""
    found = [provider for entry in providers() for provider in entry.load().dpn_providers()]
    yield from sorted((kind for provider in found for kind in provider.kinds), key=lambda kind: kind.kind)


def providers() -> importlib.metadata.EntryPoints:
    """Give the installed providers, by name."""
    return importlib.metadata.entry_points(group="dpn.providers")


def rule_line(rule: NameRule) -> str:
    """Say in one line what the cloud accepts as a name."""
    source = f" ([source]({rule.source}))" if rule.source.startswith("http") else ""
    return f"{rule.min} to {rule.max} {rule.unit}, `{rule.pattern}`, unique in: {rule.unique}{source}"


def field_rows(kind: type[Kind]) -> Iterator[str]:
    """Give a table row for each field of a kind's spec."""
    required = kind.schema.get("required", ())
    for name, schema in kind.schema.get("properties", {}).items():
        form = schema.get("type") or ", ".join(f"`{value}`" for value in schema.get("enum", ())) or "any"
        notes = [word for word, known in (("required", required), ("immutable", kind.immutable)) if name in known]
        notes += [word for word, known in (("computed", kind.computed), ("sensitive", kind.sensitive)) if name in known]
        meaning = schema.get("description", "").replace("|", "\\|")
        yield f"| `{name}` | {form} | {', '.join(notes)} | {meaning} |\n"


def kind_section(kind: type[NamedKind]) -> str:
    """Describe one kind: name, pattern, variables, fields, behaviour."""
    text = f"\n## {kind.kind}\n\n{inspect.getdoc(kind) or ''}\n\n- Name: {rule_line(kind.name_rule)}\n"
    named_by = kind.named_by if issubclass(kind, Kind) else None
    text += f"- Named by its field `{named_by}`\n" if named_by else f"- Pattern: `{kind.default_pattern}`\n"
    text += "".join(f"    - `{name}`: {variable.doc}\n" for name, variable in kind.variables.items())
    if not issubclass(kind, Kind):
        return text + "- dpn names and checks it, and does not provision it.\n"
    text += f"- Rename: {kind.rename_how.replace('_', ' ')}; holds data: {'yes' if kind.data_bearing else 'no'}; "
    text += f"marker: {kind.marker}; made again after a delete: {_AGAIN[kind.undelete]}\n"
    text += _habits(kind)
    return text + "\n| field | type | notes | meaning |\n|---|---|---|---|\n" + "".join(field_rows(kind))


_AGAIN = {"yes": "all of it", "lossy": "not all of it", "no": "nothing"}


def _habits(kind: type[Kind]) -> str:
    """Say what a kind does that most do not."""
    says = {
        "Shared: others' part of it stays": kind.ownership == "shared",
        "Archived instead of deleted where `on_delete` or `--archive` asks for it": kind.archive is not Kind.archive,
        "Brought back by the service itself for a while after a delete": kind.undrop is not Kind.undrop,
        "Adopting it interrupts its users": kind.mark_disrupts,
    }
    return "".join(f"- {text}\n" for text, is_so in says.items() if is_so)


def kinds_page(provider: str) -> str:
    """Make the page of the kinds of one provider."""
    own = [kind for kind in kinds() if kind.kind.partition("_")[0] == provider]
    return f"# Kinds of {provider}\n\n{MADE}What the provider `{provider}` offers.\n" + "".join(map(kind_section, own))


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": lambda: cli_page(ROOT),
    "hooks.md": hooks_page,
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
