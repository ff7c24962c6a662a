"""An audit of names as SARIF 2.1.0, which code scanners read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpn.report.judged import Judged, Missing, said
from dpn.report.tallies import Tally
from dpn.report.text import Line

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES: Mapping[str, str] = {
    "NAME-CHARS": "A name holds only characters that the cloud and the convention allow.",
    "NAME-EMPTY": "A name is not empty.",
    "NAME-FORM": "A name has the form that the cloud asks for.",
    "NAME-HASH": "A name ends in the hash that the convention puts behind names.",
    "NAME-LENGTH": "A name is neither too short nor too long.",
    "NAME-PATTERN": "A name can be read back by the pattern of its kind.",
    "NAME-PREFIX": "A name does not begin with what the cloud has reserved.",
    "NAME-RESERVED": "A name is not one that the cloud has reserved.",
    "NAME-SUBSTRING": "A name does not hold what the cloud has reserved.",
    "NAME-SUFFIX": "A name does not end with what the cloud has reserved.",
    "NAME-UNTOLD": "It can be told whether a name is of the convention.",
}


class Sarif:
    """One rule for each code, one result for each name that does not comply. The rules follow the results."""

    def __init__(self, version: str) -> None:
        self._version, self._rules, self._first = version, dict[str, str](), True

    def begin(self) -> list[Line]:
        head = f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{"columnKind": "unicodeCodePoints",'
        return [Line(head), Line('"results": [')]

    def rows(self, found: Iterable[Judged]) -> list[Line]:
        texts = [json.dumps(self._result(one)) for one in found if one.problems]
        first, self._first = self._first, self._first and not texts
        return [Line(text if first and not at else f", {text}") for at, text in enumerate(texts)]

    def _result(self, one: Judged) -> dict[str, Any]:
        for problem in one.problems:
            self._rules.setdefault(problem.code, problem.severity)
        main, where = one.problems[0], f"{one.kind}/{one.name}"
        near = f" The nearest name is {one.nearest!r}." if one.nearest else ""
        return {
            "ruleId": main.code, "ruleIndex": list(self._rules).index(main.code), "level": main.severity,
            "message": {"text": f"{said(one.problems)}{near}"},
            "locations": [
                {"logicalLocations": [{"name": one.name, "fullyQualifiedName": where, "kind": "resource"}]}
            ],
        }  # fmt: skip

    def end(self, tally: Tally, missing: Sequence[Missing]) -> list[Line]:
        rules = [
            {
                "id": code, "shortDescription": {"text": _RULES.get(code, code)},
                "defaultConfiguration": {"level": severity},
            }
            for code, severity in self._rules.items()
        ]  # fmt: skip
        driver = {"name": "dpn", "version": self._version, "rules": rules}
        notes = [{"level": "warning", "message": {"text": f"{one.kind} was not listed: {one.why}"}} for one in missing]
        invocation = {"executionSuccessful": not tally.incomplete, "toolExecutionNotifications": notes}
        more = {"tool": {"driver": driver}, "invocations": [invocation], "properties": tally.data()}
        return [Line(f"], {json.dumps(more)[1:]}]}}")]
