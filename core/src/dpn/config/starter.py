"""The first naming files of a team, written so that a person keeps them: `dpn config init`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PLAIN = re.compile(r"[a-z][a-z0-9-]*")
_SPECIAL = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_DEFAULTS = {
    "project": "platform",
    "environment": "dev",
    "region": "us-east-1",
    "team": "data-engineering",
    "cost_center": "IT-1001",
}

_VALUES = """\
# What dpn puts into names. `dpn config show` tells which value wins for a kind and where it comes from.
# Low to high: defaults, environments, resource_types, the blueprint's metadata, a resource's own naming, --override.

defaults:
{defaults}

# For one environment, chosen with -e NAME.
{environments}

# For kinds of resources; * stands for any characters, the more specific entry wins.
{types}

# The values that a variable can have: typing errors are found, and names can be read backwards (`dpn name parse`).
# vocabulary:
#   layer:
#     values: [bronze, silver, gold]
#     closed: true
"""

_PATTERNS = """\
# How names are made. Without an entry here, a kind has the pattern that its provider ships (`dpn config show KIND`).
# {{name}} is a value, {{name|filter}} a changed one, [-{{name}}] is left out when the value is absent. The separator
# follows the kind: one pattern gives my-project for a bucket and my_project for a Glue database.
# Filters: lower, upper, slug, word, abbr, max:N, hash:N; {{region}} is the short code, {{region|full}} the long name.

{use}

{patterns}

# Variables that only blueprints set, so that `dpn config validate` knows them.
# variables:
#   data_owner:
#     description: Who answers for the data

# transformations:
#   region_mapping:
#     us-east-1: use1
#   abbreviations:
#     environment:
#       production: prd
#   lowercase: [databricks_*]
#   replace_hyphens:
#     databricks_job: "_"
#   shorten:
#     aws_s3_bucket:
#       tokens: {{project: keep, purpose: shorten, layer: drop}}

# Limits of your own; the rules of the cloud are always checked.
# validation:
#   max_length:
#     aws_s3_bucket: 50
#   allowed_chars: "a-z0-9_-"
#   required_variables: [project, environment]
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind for which the first files have an entry: its pattern, and what its own variables mean."""

    kind: str
    pattern: str
    variables: Mapping[str, str]


def init_files(answers: Mapping[str, str], entries: Iterable[Entry] = ()) -> dict[str, str]:
    """Give the text of each file by its name.

    answers: values of project, environment, region, team and cost_center (those without an answer stand as comments);
    environments: names separated by commas; use: a packaged convention. entries: kinds to write out.
    """
    defaults = [_line(name, answers.get(name), example) for name, example in _DEFAULTS.items()]
    names = [*dict.fromkeys(name.strip() for name in answers.get("environments", "").split(",") if name.strip())]
    written = list(entries)
    return {
        "naming-values.yaml": _VALUES.format(
            defaults="\n".join(defaults), environments=_environments(names), types=_types(written)
        ),
        "naming-patterns.yaml": _PATTERNS.format(use=_use(answers.get("use")), patterns=_patterns(written)),
    }


def _types(entries: list[Entry]) -> str:
    if not entries:
        return "# resource_types:\n#   aws_glue_*:\n#     team: analytics"
    lines = ["resource_types:"]
    for entry in entries:
        lines.append(f"  {entry.kind}:")
        lines += [f"    # {name}: VALUE  # {' '.join(doc.split())}" for name, doc in entry.variables.items()]
    return "\n".join(lines)


def _patterns(entries: list[Entry]) -> str:
    if not entries:
        return '# patterns:\n#   aws_s3_bucket: "{project}-{purpose}-{layer}-{environment}-{region}"'
    return "\n".join(["patterns:", *(f"  {entry.kind}: {json.dumps(entry.pattern)}" for entry in entries)])


def _line(name: str, answer: str | None, example: str) -> str:
    if answer:
        return f"  {name}: {_scalar(answer)}"
    return f"  {name}: {example}" if name in ("project", "environment") else f"  # {name}: {example}"


def _environments(names: list[str]) -> str:
    if not names:
        return "# environments:\n#   prd:\n#     team: operations"
    return "\n".join(["environments:", *(f"  {_scalar(name)}: {{}}" for name in names)])


def _use(name: str | None) -> str:
    comment = "# A naming scheme that an installed package brings; what stands below wins over it.\n"
    return f"{comment}use: {_scalar(name)}" if name else f"{comment}# use: NAME"


def _scalar(text: str) -> str:
    """Write a text so that every reader of YAML takes it for just that text; a JSON string is one."""
    return text if _PLAIN.fullmatch(text) and text not in _SPECIAL else json.dumps(text)
