"""The reference of kinds and of naming variables, from the installed providers."""

from __future__ import annotations

import importlib.metadata
import inspect
import re
from collections.abc import Iterator, Sequence

from dpn import Kind, NamedKind, NameRule

MADE = "<!-- Made by docs/generate.py; change the source instead. -->\n\n"


def kinds() -> Iterator[type[NamedKind]]:
    """Give the kinds of all installed providers, by name."""
    found = [provider for entry in providers() for provider in entry.load().dpn_providers()]
    yield from sorted((kind for provider in found for kind in provider.kinds), key=lambda kind: kind.kind)


def providers() -> importlib.metadata.EntryPoints:
    """Give the installed providers, by name."""
    return importlib.metadata.entry_points(group="dpn.providers")


def rule_line(rule: NameRule) -> str:
    """Say in one line what the cloud accepts as a name."""
    return f"{rule.min} to {rule.max} {rule.unit}, {code(rule.pattern)}, unique in: {rule.unique}"


def source_link(rule: NameRule) -> str:
    """Give the page that a rule is from as a link; nothing where it is from something else."""
    page = _PAGE.match(rule.source)
    return f" ([source]({page[0]}))" if page else ""


def rule_lines(rule: NameRule) -> Iterator[str]:
    """Say all that the cloud accepts as a name, and how that is known."""
    fold = ", whatever the case" if rule.unique_fold != "none" else ""
    yield f"- Name: {rule_line(rule)}{fold}\n"
    between = {"/": "`-`, between parts: `/`", "": "nothing"}.get(rule.separator, code(rule.separator))
    yield f"- Characters: {code(rule.charset) if rule.charset else 'any'}; between words: {between}\n"
    refused = {
        "beginning": rule.forbid_prefix,
        "ending": rule.forbid_suffix,
        "holding": rule.forbid_substring,
        "matching": rule.forbid_regex,
        "reserved": rule.reserved,
    }
    if listed := "; ".join(f"{how} {few(words)}" for how, words in refused.items() if words):
        yield f"- Refused: {listed}\n"
    if rule.allow_suffix:
        asked = f"; it does where `spec.{rule.suffix_field}` is true" if rule.suffix_field else ""
        yield f"- May end with: {few(rule.allow_suffix)}{asked}\n"
    source = _PAGE.sub(lambda page: f"<{page[0]}>", rule.source)
    yield f"- Source: {source} (read {rule.checked})\n"


def code(text: str) -> str:
    """Give a text as code, also one that holds a backtick; of a very long expression the beginning."""
    shown = text if len(text) <= _LONG else f"{text[:_LONG]}…"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def few(words: Sequence[str]) -> str:
    """List words as code; of many the first, and how many more there are."""
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return f"{', '.join(map(code, words[:_FEW]))}{more}"


_PAGE = re.compile(r"https?://[^\s;,)]+")
_FEW = 8
_LONG = 160
"""A class of Unicode without its name takes two thousand characters; the catalogue has them all."""


def field_rows(kind: type[Kind]) -> Iterator[str]:
    """Give a table row for each field of a kind's spec."""
    required = kind.schema.get("required", ())
    for name, schema in kind.schema.get("properties", {}).items():
        form = schema.get("type") or ", ".join(f"`{value}`" for value in schema.get("enum", ())) or "any"
        notes = [word for word, known in (("required", required), ("immutable", kind.immutable)) if name in known]
        notes += [word for word, known in (("computed", kind.computed), ("sensitive", kind.sensitive)) if name in known]
        meaning = escaped(schema.get("description", ""))
        yield f"| `{name}` | {form} | {', '.join(notes)} | {meaning} |\n"


def pattern_lines(kind: type[NamedKind]) -> str:
    """Give the default pattern of a kind, and what its variables are."""
    variables = "".join(f"    - `{name}`: {variable.doc}\n" for name, variable in kind.variables.items())
    return f"- Pattern: `{kind.default_pattern}`\n{variables}" if kind.default_pattern else variables


def named_section(kind: type[NamedKind]) -> str:
    """Describe one kind that is only named: limits, characters, pattern, variables, source."""
    *rule, source = rule_lines(kind.name_rule)
    return f"\n### {kind.kind}\n\n{inspect.getdoc(kind) or ''}\n\n{''.join(rule)}{pattern_lines(kind)}{source}"


def kind_section(kind: type[Kind]) -> str:
    """Describe one kind that is provisioned: name, pattern, variables, fields, behaviour."""
    text = f"\n## {kind.kind}\n\n{inspect.getdoc(kind) or ''}\n\n"
    text += f"- Name: {rule_line(kind.name_rule)}{source_link(kind.name_rule)}\n"
    text += f"- Named by its field `{kind.named_by}`\n" if kind.named_by else pattern_lines(kind)
    text += f"- Rename: {kind.rename_how.replace('_', ' ')}; holds data: {'yes' if kind.data_bearing else 'no'}; "
    text += f"marker: {kind.marker}; made again after a delete: {_AGAIN[kind.undelete]}\n"
    text += _habits(kind)
    return text + "\n| field | type | notes | meaning |\n|---|---|---|---|\n" + "".join(field_rows(kind))


_NAMED_ONLY = "dpn makes and checks the names of these kinds, and does not provision them.\n"
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
    page = f"# Kinds of {provider}\n\n{MADE}What the provider `{provider}` offers.\n"
    page += "".join(kind_section(kind) for kind in own if issubclass(kind, Kind))
    named = "".join(named_section(kind) for kind in own if not issubclass(kind, Kind))
    return f"{page}\n## Named only\n\n{_NAMED_ONLY}{named}" if named else page


EVERYWHERE = {
    "project": "What the platform is called: mostly the first word of a name.",
    "environment": "The environment of the run, chosen once: dev, prd.",
    "region": "The region; in a pattern its short code, with `|full` its name.",
    "team": "Who answers for it.",
    "cost_center": "Who pays for it.",
}
"""The variables that every pattern may use, and what is said of them."""


def variable_rows(kind: type[NamedKind]) -> Iterator[str]:
    """Give a table row for each variable of a kind beyond those that every pattern may use, as its pattern has them."""
    used = re.findall(r"{([a-z0-9_]+)", kind.default_pattern)
    groups = " ".join(re.findall(r"\[[^\]]*\]", kind.default_pattern))
    for name in dict.fromkeys([*(one for one in used if one in kind.variables), *kind.variables]):
        optional = f"{{{name}" in groups
        where = "if it has a value" if optional else "yes" if name in used else "no"
        variable = kind.variables[name]
        yield f"| `{name}` | {where} | {few(variable.values)} | {escaped(variable.doc)} |\n"


def escaped(text: str) -> str:
    """Give a text as a cell of a table."""
    return text.replace("|", "\\|")


def variables_page() -> str:
    """Make the page of all naming variables, by kind."""
    page = f"# Naming variables\n\n{MADE}{_VARIABLES}\n| variable | meaning |\n|---|---|\n"
    page += "".join(f"| `{name}` | {escaped(meaning)} |\n" for name, meaning in EVERYWHERE.items())
    provider = ""
    for kind in kinds():
        if not kind.default_pattern:
            continue
        if kind.kind.partition("_")[0] != provider:
            provider = kind.kind.partition("_")[0]
            page += f"\n## {provider}\n"
        head = "| variable | in the pattern | values | meaning |\n|---|---|---|---|\n"
        rows = "".join(variable_rows(kind))
        page += f"\n### {kind.kind}\n\n`{kind.default_pattern}`\n" + (f"\n{head}{rows}" if rows else "")
    return page


_VARIABLES = """\
A pattern may use the variables of its kind, those that every kind has, each that a layer of `naming-values.yaml` sets,
and each that `variables:` of `naming-patterns.yaml` declares. Each kind below has its default pattern and its own
variables; `dpn config show KIND` tells the pattern and the values that count for you.
"""
