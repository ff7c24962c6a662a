"""`dpn name audit`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any, cast

import pytest

from dpn.version import VERSION

CLOSED = "vocabulary: {project: {values: [acme], closed: true}}\n"
NAMES = "acme-lake-dev\nold-lake-dev\nAcme.Raw.Dev\n"


@pytest.fixture
def convention(shell: Any) -> Any:
    (shell.root / ".dpn").mkdir()
    (shell.root / ".dpn" / "naming-values.yaml").write_text(CLOSED)
    return shell


def test_audit_of_a_list_shows_what_does_not_comply(convention: Any) -> None:
    done = convention("name", "audit", "mem_box", "-", stdin=NAMES)
    assert done.code == 1
    assert [line.split() for line in done.out.splitlines()] == [
        ["KIND", "NAME", "COMPLIES", "WHY", "NEAREST"],
        ["mem_box", "old-lake-dev", "no", "NAME-PATTERN", "(convention)"],
        ["mem_box", "Acme.Raw.Dev", "no", "NAME-FORM", "(cloud)", "acme-raw-dev"],
        ["mem_box:", "33.3", "%", "comply,", "1", "of", "3", "names"],
    ]
    assert "acme-lake-dev  yes" in convention("name", "audit", "mem_box", "-", "-v", stdin=NAMES).out


def test_audit_exits_with_0_if_enough_names_comply(convention: Any) -> None:
    assert convention("name", "audit", "mem_box", "-", "--threshold", "33.3", stdin=NAMES).code == 0
    assert convention("name", "audit", "mem_box", "-", "--threshold", "33.4", stdin=NAMES).code == 1
    assert convention("name", "audit", "mem_box", "-", stdin="acme-lake-dev\r\n\n").code == 0
    done = convention("name", "audit", "mem_box", "-")
    assert (done.code, done.out) == (0, "No names.\n")


def test_audit_of_json_lines_goes_on_after_a_bad_one_and_says_where_it_was(convention: Any) -> None:
    lines = [json.dumps({"kind": kind, "name": "acme-lake"}) for kind in ("mem_box", "mem_label", "mem_bxo")]
    done = convention("name", "audit", "-", "--json", "--threshold", "50", stdin="\n".join([*lines, "", "no", "[]"]))
    assert done.code == 1
    assert [(one["kind"], one["complies"], one["by"]) for one in done.json["names"]] == [
        ("mem_box", "no", "convention"), ("mem_label", "yes", None),
    ]  # fmt: skip
    assert done.json["format_version"] == "1"
    summary = done.json["summary"]
    assert (summary["total"], summary["percent"], summary["refused"]) == (2, 50.0, 3)
    assert summary["kinds"]["mem_label"] == {"total": 1, "yes": 1, "no": 0, "unknown": 0, "percent": 100.0}
    said = [line.split(":")[1:3] for line in done.err.splitlines() if line.startswith("error")]
    assert said == [[" line 3", " KIND-UNKNOWN"], [" line 5", " LINE-JSON"], [" line 6", " LINE-SHAPE"]]


def test_audit_as_csv_has_a_row_for_each_name(convention: Any) -> None:
    done = convention("name", "audit", "mem_box", "-", "--format", "csv", stdin=NAMES + 'a,"b"\x1b\n')
    head, *rows = csv.reader(done.out.splitlines())
    assert head == ["kind", "name", "complies", "by", "rules", "message", "nearest"]
    assert [row[1:5] for row in rows] == [
        ["acme-lake-dev", "yes", "", ""], ["old-lake-dev", "no", "convention", "NAME-PATTERN"],
        ["Acme.Raw.Dev", "no", "cloud", "NAME-FORM"], ['a,"b"\\x1b', "no", "cloud", "NAME-CHARS"],
    ]  # fmt: skip


def test_audit_as_csv_lets_no_name_be_a_formula(convention: Any) -> None:
    done = convention("name", "audit", "mem_box", "-", "--format", "csv", stdin="=1+1\n-dev\n@x\n+y\n")
    names = [row[1] for row in csv.reader(done.out.splitlines())][1:]
    assert names == ["'=1+1", "'-dev", "'@x", "'+y"]


def test_audit_as_sarif_is_what_scanners_read(convention: Any) -> None:
    shown = convention("name", "audit", "mem_box", "-", "--format", "sarif", stdin=NAMES).json
    assert (shown["version"], shown["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-2.1.0.json")
    (run,) = shown["runs"]
    driver, results = run["tool"]["driver"], run["results"]
    assert (driver["name"], driver["version"]) == ("dpn", VERSION)
    assert [rule["id"] for rule in driver["rules"]] == ["NAME-PATTERN", "NAME-FORM"]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(results) == 2  # one for each name that does not comply
    for result in results:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == "error"
        assert result["message"]["text"]
        (location,) = result["locations"]
        (logical,) = location["logicalLocations"]
        assert logical["fullyQualifiedName"] == f"mem_box/{logical['name']}"
    assert "'acme-raw-dev'" in results[1]["message"]["text"]
    assert run["invocations"][0]["executionSuccessful"] is True
    empty = convention("name", "audit", "mem_box", "-", "--format", "sarif").json
    assert (empty["runs"][0]["results"], empty["runs"][0]["tool"]["driver"]["rules"]) == ([], [])


def test_audit_says_in_every_format_what_was_not_listed(convention: Any) -> None:
    convention.cloud.fault = lambda kind, method, _: "refuse" if (kind, method) == ("mem_box", "list") else None
    done = convention("name", "audit", "mem_*", "--json")
    assert done.code == 1
    assert "error: this was not listed: mem_box" in done.err
    assert "warning: this was not listed: mem_label" in done.err
    assert [one["kind"] for one in done.json["unlisted"]] == ["mem_label", "mem_box"]
    (run,) = convention("name", "audit", "mem_*", "--format", "sarif").json["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("mem_box", "mem_shelf"),
        ("-", "blueprint.json"),
        ("mem_box", "-", "--sandbox"),
        ("mem_box", "-", "--parallelism", "3"),
        ("-", "--max-size", "9"),
        ("a.json", "b.json"),
    ],
)
def test_audit_takes_one_source_of_names(shell: Any, words: tuple[str, ...]) -> None:
    done = shell("name", "audit", *words)
    assert (done.code, done.out) == (64, "")


def test_audit_refuses_what_it_can_before_it_prints_anything(shell: Any) -> None:
    assert shell("name", "audit", "nowhere_thing", "-").code == 7
    done = shell("name", "audit", "mem_bxo", "-", "--json", stdin="a\n")
    assert (done.code, done.json["error"]["exit_code"]) == (64, 64)
    assert shell("name", "audit", "mem_label").code == 64
    assert shell("name", "audit", "mem_box", "nofile.json").code == 64


def test_audit_answers_before_it_asks_for_more(convention: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []

    def slowly() -> Iterator[list[str]]:
        for number in range(3):
            printed.append(cast("StringIO", sys.stdout).getvalue())
            yield [f"old-{number}-dev"]

    monkeypatch.setattr("dpn.cli.name.audit.batches", slowly)
    done = convention("name", "audit", "mem_box", "-")
    assert [text.count("old-") for text in printed] == [0, 1, 2]
    assert done.out.count("KIND") == 1
    assert done.out.endswith("mem_box: 0.0 % comply, 0 of 3 names\n")
