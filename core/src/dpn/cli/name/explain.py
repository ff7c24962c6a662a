"""`dpn name explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dpn import api, report
from dpn.cli.options import BLUEPRINT, OUTPUT, command
from dpn.cli.session import Session
from dpn.report import Line, clean


@command(
    *BLUEPRINT, "stack", *OUTPUT,
    params=(
        click.Argument(["target"], metavar="NAME|ADDRESS"),
        click.Option(["--file"], type=click.Path(path_type=Path), help="The blueprint; else the one in this folder."),
    ),
    examples=(
        "dpn name explain 'aws_s3_bucket.lake[gold]'",
        "dpn name explain oncology-lake-gold-prd-use1 --json",
    ),
)  # fmt: skip
def explain(session: Session, options: api.Options, target: str) -> None:
    """Explain a name: which value each part of it is, where that was set, and what was done to it.

    The name, or the address of a resource, is looked for in the blueprint here, then in the states.
    """
    found = api.explain_name(options, target, session.world)
    if session.json:
        session.print_json({"format_version": "1", "names": [_data(one) for one in found]})
    else:
        session.console.result(*(line for one in found for line in _lines(one)))


def _data(one: api.Explanation) -> dict[str, Any]:
    rule = {
        "min": one.rule.min, "max": one.rule.max, "unit": one.rule.unit, "pattern": one.rule.pattern,
        "source": one.rule.source, "checked": one.rule.checked,
    }  # fmt: skip
    tokens = [
        {
            "text": part.text, "variable": part.variable, "value": part.value if part.variable else None,
            "layer": part.origin.layer if part.origin else None, "key": part.origin.key if part.origin else None,
            "place": str(part.origin.place) if part.origin and part.origin.place else None,
            "changes": list(part.changes),
        }
        for part in one.parts
    ]  # fmt: skip
    return {
        "name": one.name, "kind": one.kind, "address": one.address, "pattern": one.pattern,
        "place": str(one.place) if one.place else None, "convention": one.convention or None, "tokens": tokens,
        "changes": list(one.changes), "rule": rule, "note": one.note,
    }  # fmt: skip


def _lines(one: api.Explanation) -> list[Line]:
    head = [Line(clean(f"{one.name} ({one.address or one.kind})"), "bold")]
    if one.pattern:
        whose = f"the convention {one.convention} brings" if one.convention else "its provider ships"
        where = f" ({one.place})" if one.place else f", as {whose} it"
        head.append(Line(clean(f"pattern: {one.pattern}{where}")))
    rows = [
        (part.text, part.variable or "", part.value, part.origin or "", "; ".join(part.changes))
        for part in one.parts
        if part.variable or part.changes
    ]
    table = report.table(("PART", "VARIABLE", "VALUE", "FROM", "CHANGED BY"), rows) if rows else []
    more = [Line(clean(text)) for text in (*one.changes, one.note) if text]
    rule = one.rule
    limits = f"rule: {rule.min} to {rule.max} {'characters' if rule.unit == 'chars' else 'bytes'}, {rule.pattern}"
    source = f"; {rule.source} (read on {rule.checked})" if rule.source and rule.checked else f"; {rule.source}"
    return [*head, *table, *more, Line(clean(limits + (source if rule.source else "")))]


COMMAND = explain
