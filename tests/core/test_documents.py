from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.documents import MAX_SIZE, Document, Syntax, check, dotted, parse, read
from dpn.errors import InputError, Problem
from dpn.paths import follow, undotted
from dpn.world import World

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


def refused(text: str, syntax: Syntax) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        parse(text, "f", syntax)
    assert all(problem.place for problem in caught.value.problems)
    return list(caught.value.problems)


def short(problem: Problem) -> tuple[str, str, str | None]:
    return problem.code, str(problem.place).removeprefix("f:"), problem.field


# --- values ------------------------------------------------------------------------------------------------------


@given(VALUES)
def test_json_gives_what_json_gives(value: Any) -> None:
    assert parse(json.dumps(value), "f", "json").data == value
    assert parse(json.dumps(value, ensure_ascii=False, indent=1), "f", "json").data == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("22:22", "22:22"), ("0644", 644), ("0o17", 15),
        ("0x1F", 31), ("1_000", "1_000"), ("1.10", 1.1), ("1e3", 1000.0), (".5", 0.5), ("+3", 3), ("-0", 0),
        ("true", True), ("False", False), ("~", None), ("null", None), ("", None), ("2024-01-01", "2024-01-01"),
        ("'1'", "1"), ('"true"', "true"), ("!!str 1", "1"), ("=", "="), ("0b1", "0b1"), ("٣", "٣"),
    ],
)  # fmt: skip
def test_yaml_scalars_are_those_of_the_core_schema_of_1_2(text: str, value: Any) -> None:
    data = parse(f"a: {text}", "f", "yaml").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_a_version_directive_changes_nothing() -> None:
    assert parse("%YAML 1.1\n---\na: no", "f", "yaml").data == {"a": "no"}


def test_an_anchor_that_nobody_uses_is_harmless() -> None:
    assert parse("a: &x [1]", "f", "yaml").data == {"a": [1]}


def test_an_empty_yaml_file_is_null() -> None:
    assert parse("# nothing\n", "f", "yaml").data is None


# --- what is refused ---------------------------------------------------------------------------------------------

BOTH: list[Syntax] = ["json", "yaml"]


@pytest.mark.parametrize("syntax", BOTH)
@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 100_000, "[" * 51 + "]" * 51, '["[]"' + ',["]"' * 60])
def test_too_deep_is_refused_before_parsing(text: str, syntax: Syntax) -> None:
    begun = time.process_time()
    assert refused(text, syntax)[0].code == "DEPTH"
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("syntax", BOTH)
def test_fifty_levels_are_accepted(syntax: Syntax) -> None:
    text = "[" * 50 + "]" * 50
    assert parse(text, "f", syntax).data == json.loads(text)


@pytest.mark.parametrize(
    "text", ['"' + "[" * 80 + '"', '"\\"' + "{" * 80 + '"', '{"[[[[": "\\\\"}', json.dumps("[" * 60)]
)
def test_brackets_in_a_text_are_no_levels(text: str) -> None:
    assert parse(text, "f", "json").data == json.loads(text)


def test_blocks_that_are_too_deep_are_refused() -> None:
    text = "\n".join(" " * i + "a:" for i in range(80))
    assert short(refused(text, "yaml")[0])[:2] == ("DEPTH", "51:51")


def test_everything_wrong_in_a_json_file_is_told_at_once() -> None:
    text = '{"a": 1,\n "b": {"c": [NaN, {"d": 1e999}],\n "a": 1, "a": 2},\n "e\\u0001": "\\ud800", "g": -Infinity}'
    found = [short(problem) for problem in refused(text, "json")]
    assert found == [
        ("NUMBER", "2:14", "b.c[0]"),
        ("NUMBER", "2:25", "b.c[1].d"),
        ("DUPLICATE-KEY", "3:10", "b.a"),
        ("CHARACTER", "4:2", '["e\\u0001"]'),
        ("CHARACTER", "4:13", '["e\\u0001"]'),
        ("NUMBER", "4:28", "g"),
    ]


def test_everything_wrong_in_a_yaml_file_is_told_at_once() -> None:
    text = 'a: 1\nb:\n  c: [.nan, {d: -.inf}]\n  e: *x\n  f: !foo 3\n  f: "\\0"\n<<: {}\n1: x\n'
    assert [short(problem) for problem in refused(text, "yaml")] == [
        ("NUMBER", "3:7", "b.c[0]"),
        ("NUMBER", "3:17", "b.c[1].d"),
        ("YAML-ALIAS", "4:6", "b.e"),
        ("YAML-TAG", "5:6", "b.f"),
        ("DUPLICATE-KEY", "6:3", "b.f"),
        ("CHARACTER", "6:6", "b.f"),
        ("YAML-MERGE", "7:1", None),
        ("YAML-KEY", "8:1", None),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\n---\nb", "YAML-DOCUMENTS"), ("? [a]\n: 1", "YAML-KEY"), ("a: 1\x00", "CHARACTER"),
        ("a: \x85", "CHARACTER"),
        ('a: "\\ud800"', "CHARACTER"), ("a:\n\t- b", "SYNTAX"), ("{a: b", "SYNTAX"), ("a: b: c", "SYNTAX"),
        ("@", "SYNTAX"),
        ("!!python/object/apply:os.system ['id']", "YAML-TAG"), ("!!binary aGk=", "YAML-TAG"),
        ("a: !!int '3'", "YAML-TAG"),
        ("a: &a [*a]", "YAML-ALIAS"), ("null: 1", "YAML-KEY"), ("true: 1", "YAML-KEY"), ("a: " + "9" * 5000, "NUMBER"),
        ("a: 1e999", "NUMBER"), ("%FOO\n--- !x!y z", "SYNTAX"),
        ("%YAML 1.9\n---\na", "SYNTAX"),
    ],
)  # fmt: skip
def test_yaml_that_is_refused(text: str, code: str) -> None:
    assert code in [problem.code for problem in refused(text, "yaml")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "SYNTAX"), ("{", "SYNTAX"), ("{'a': 1}", "SYNTAX"), ("// c\n{}", "SYNTAX"), ('{"a": 1} {}', "SYNTAX"),
        ('"\x01"', "SYNTAX"), ('"\x7f"', "CHARACTER"), ('"\\u0000"', "CHARACTER"), ('"\\b"', "CHARACTER"),
        ('"\\udc00x"', "CHARACTER"), ('"é\x9b"', "CHARACTER"), ("9" * 5000, "NUMBER"),
        ('{"a": 1, "\\u0061": 2}', "DUPLICATE-KEY"),
    ],
)  # fmt: skip
def test_json_that_is_refused(text: str, code: str) -> None:
    assert [problem.code for problem in refused(text, "json")] == [code]


@pytest.mark.parametrize(
    ("text", "syntax", "said"),
    [
        ('{"a": NaN}', "json", "NaN and infinity are not accepted. Expected a finite number"),
        ('{"a": -Infinity}', "json", "NaN and infinity are not accepted."),
        ("a: .nan", "yaml", "NaN and infinity are not accepted."),
        ("a: -.inf", "yaml", "NaN and infinity are not accepted."),
        ('{"a": 1e999}', "json", "no number that dpn can hold. Expected at most 20 digits and less than 1.8e308."),
        ("a: " + "9" * 30, "yaml", "no number that dpn can hold. Expected at most 20 digits"),
        ('{"a": "\\ud800"}', "json", "holds the lone surrogate U+D800. Expected a whole character"),
        ('{"a": "\\ufffe"}', "json", "the character U+FFFE. Expected text without non-characters."),
        ('{"a": "\\u0000"}', "json", "the character U+0000. Expected text without control characters."),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_as_it_is(text: str, syntax: Syntax, said: str) -> None:
    (problem,) = refused(text, syntax)
    assert said in str(problem)


def test_what_a_text_needs_is_accepted() -> None:
    assert parse('"\\ud83d\\ude00 \\t\\n \\\\ud800 \\\\b é"', "f", "json").data == "😀 \t\n \\ud800 \\b é"


def test_an_alias_bomb_is_never_expanded() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))]
    assert {problem.code for problem in refused("\n".join(lines), "yaml")} == {"YAML-ALIAS"}


@given(st.text(max_size=60) | st.text("{}[]:,-?&*!|>'\"%@` \n\ta1#<", max_size=40))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    for syntax in BOTH:
        try:
            parse(text, "f", syntax)
        except InputError as error:
            assert error.problems  # noqa: PT017 - either way is right, but an error has problems


# --- files -------------------------------------------------------------------------------------------------------


def load(folder: Path, name: str, content: bytes, **more: Any) -> Document:
    (folder / name).write_bytes(content)
    return read(Path(name), World(cwd=folder), **more)


def test_the_syntax_follows_extension_and_content(tmp_path: Path) -> None:
    assert load(tmp_path, "a.json", b"[1]").syntax == "json"
    assert load(tmp_path, "a.yml", b"{a: 1}").syntax == "yaml"
    assert load(tmp_path, "a", b"\n {}").syntax == "json"
    assert load(tmp_path, "b", b"a: 1").syntax == "yaml"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert load(tmp_path, "a.json", b'\xef\xbb\xbf{"a": 1}').data == {"a": 1}


def test_a_document_knows_its_folder(tmp_path: Path) -> None:
    document = load(tmp_path, "a.json", b"{}")
    assert (document.file, document.folder) == ("a.json", tmp_path.name)


def test_files_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: The file cannot be read: No such file"):
        read(Path("none.json"), World(cwd=tmp_path))
    with pytest.raises(InputError, match="Is a directory"):
        read(Path(), World(cwd=tmp_path))
    with pytest.raises(InputError, match=r"a\.json:2:3: The file is not UTF-8"):
        load(tmp_path, "a.json", b"{\n  \xff}")


def test_size_is_checked_before_parsing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1,000,001 bytes"):
        load(tmp_path, "a.yaml", b"#" * (MAX_SIZE["yaml"] + 1))
    assert load(tmp_path, "b.yaml", b"#" * (MAX_SIZE["yaml"] + 1), max_size=2_000_000).data is None
    with pytest.raises(InputError, match="at most 10 bytes"):
        load(tmp_path, "a.json", b'{"aaa": 1111}', max_size=10)


@pytest.mark.parametrize(("name", "as_json"), [("a.json", False), ("a.yaml", True)])
def test_a_file_that_is_json_is_not_to_be_written_as_json(tmp_path: Path, name: str, as_json: bool) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, name, b'{"aaa": 1111}', max_size=10)
    (problem,) = caught.value.problems
    assert problem.hint
    assert ("JSON" in problem.hint, "--max-size" in problem.hint) == (as_json, True)


# --- places ------------------------------------------------------------------------------------------------------

JSON = '{"a": 1,\n "list": [ 10,\n  {"x y": {"deep": true}}, []],\n "e": {}}'
YAML = "a: 1\nlist:\n  - 10\n  - 'x y':\n      deep: true\n  - []\ne: {}\n"


@pytest.mark.parametrize(
    ("path", "key", "json_place", "yaml_place"),
    [
        ((), False, "1:1", "1:1"),
        (("a",), False, "1:7", "1:4"),
        (("a",), True, "1:2", "1:1"),
        (("list", 0), False, "2:12", "3:5"),
        (("list", 1, "x y"), True, "3:4", "4:5"),
        (("list", 1, "x y", "deep"), False, "3:20", "5:13"),
        (("list", 1, "nowhere", 3), False, "3:3", "4:5"),
        (("list", 2), False, "3:28", "6:5"),
        (("list", 9), False, "2:10", "3:3"),
        (("a", "deeper"), False, "1:7", "1:4"),
        (("e", "none"), False, "4:7", "7:4"),
    ],
)
def test_places(path: tuple[str | int, ...], key: bool, json_place: str, yaml_place: str) -> None:
    assert str(parse(JSON, "f", "json").place(path, key=key)) == f"f:{json_place}"
    assert str(parse(YAML, "f", "yaml").place(path, key=key)) == f"f:{yaml_place}"


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, (*path, index))]
    return [(path, value)]


@given(VALUES)
def test_at_its_place_stands_the_value(value: Any) -> None:
    text = json.dumps(value, indent=1)
    document = parse(text, "f", "json")
    lines = text.split("\n")
    for path, leaf in leaves(value):
        place = document.place(path)
        assert lines[place.line - 1][place.column - 1 :].rstrip(",").startswith(json.dumps(leaf))


@given(VALUES)
def test_a_dotted_path_leads_back(value: Any) -> None:
    for path, _ in leaves(value):
        if all(step != "" for step in path):
            assert follow(value, undotted(dotted(path), value))[0] == follow(value, path)[0]


def test_dotted_is_as_a_person_writes_it() -> None:
    assert dotted(("spec", "columns", 0, "type")) == "spec.columns[0].type"
    assert dotted(("spec", "tags", "a.b", 'c"d')) == 'spec.tags["a.b"]["c\\"d"]'
    assert undotted("spec.tags.a.b", {"spec": {"tags": {"a.b": 1}}}) == ("spec", "tags", "a.b")
    assert undotted('x[3]["a.b"].c', None) == ("x", 3, "a.b", "c")


# --- schemas -----------------------------------------------------------------------------------------------------

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "mode": {"enum": ["delete", "archive"]},
        "size": {"type": ["integer", "null"], "minimum": 1},
        "rows": {
            "type": "array",
            "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        },
        "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "integer"}}}]},
    },
}


def test_schema_problems_have_place_field_expectation_and_hint() -> None:
    text = '{"a": {"nam": 1, "mode": "delet",\n "size": true, "rows": [{}, {"id": "1"}], "either": {"x": "y"}}}'
    found = check(parse(text, "f", "json"), SCHEMA, ("a",))
    assert [(*short(one), one.expected, one.hint) for one in found] == [
        ("SCHEMA", "2:59", "a.either.x", "a whole number", None),
        ("SCHEMA", "1:26", "a.mode", '"delete" or "archive"', "Did you mean 'delete'?"),
        ("SCHEMA", "1:8", "a.nam", None, "Did you mean 'name'?"),
        ("SCHEMA", "1:7", "a.name", None, None),
        ("SCHEMA", "2:25", "a.rows[0].id", None, None),
        ("SCHEMA", "2:36", "a.rows[1].id", "a whole number", None),
        ("SCHEMA", "2:10", "a.size", "a whole number or null", None),
    ]


def test_values_are_never_repeated_in_messages() -> None:
    document = parse(
        '{"name": "SECRET-1", "mode": "SECRET-2", "size": "SECRET-3", "either": ["SECRET-4"]}', "f", "json"
    )
    problems = check(document, SCHEMA)
    assert len(problems) == 4
    assert not [problem for problem in problems if "SECRET" in str(problem)]


def test_nothing_remote_is_ever_fetched() -> None:
    document = parse("{}", "f", "json")
    with pytest.raises(Exception, match="Unresolvable"):
        check(document, {"$ref": "http://127.0.0.1:9/schema.json"})
