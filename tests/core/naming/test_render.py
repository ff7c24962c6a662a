"""From values to a name: order, tables, regions, the convention's limits, and what is said when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.errors import InputError, Place, Problem
from dpn.extensions import Convention, NameRequest
from dpn.naming import Namer, check, collisions
from dpn.provider import KindInfo, NameRule

Make = Callable[..., Namer]

BUCKET = "aws_s3_bucket"
DATABASE = "aws_glue_database"


def name_of(namer: Namer, kind: str = BUCKET, **options: Any) -> str:
    assert namer.problems == ()
    named, problems = namer.name(kind, **options)
    assert named, problems
    return named.name


def refusals(namer: Namer, kind: str = BUCKET, **options: Any) -> list[Problem]:
    named, problems = namer.name(kind, **options)
    assert named is None
    return problems


def codes(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def test_without_any_configuration(make: Make) -> None:
    assert name_of(make(), naming={"purpose": "lake"}) == "platform-lake-dev"


def test_the_separator_follows_the_kind(make: Make) -> None:
    namer = make("defaults: {project: my-project}")
    assert name_of(namer, naming={"purpose": "raw data"}) == "my-project-raw-data-dev"
    assert name_of(namer, DATABASE, naming={"domain": "raw data"}) == "my_project_raw_data_dev"


def test_named_tells_values_and_region(make: Make) -> None:
    named, _ = make("defaults: {region: us-east-1}").name(BUCKET, naming={"purpose": "lake"})
    assert named
    assert named.region == "us-east-1"
    assert {key: value.text for key, value in named.variables.items()} == {
        "project": "platform",
        "environment": "dev",
        "region": "us-east-1",
        "purpose": "lake",
    }


def test_all_missing_variables_come_together_with_where_to_set_them(make: Make) -> None:
    namer = make(patterns="patterns: {aws_s3_bucket: '{team}-{purpose}-{region}-{layer}'}")
    problems = refusals(namer, address="aws_s3_bucket.x", naming={"layer": "gold", "purpsoe": "lake"})
    assert [(problem.code, problem.field) for problem in problems] == [
        ("NAME-MISSING", "naming.team"),
        ("NAME-MISSING", "naming.purpose"),
        ("NAME-REGION", "naming.region"),
    ]
    team, purpose, region = (problem.hint or "" for problem in problems)
    assert "defaults.team in .dpn/naming-values.yaml" in team
    assert purpose.startswith("Is naming.purpsoe meant to be purpose?")
    assert "resource_types.aws_s3_bucket.purpose" in purpose
    assert "providers.aws.region" in region
    for problem in problems:
        assert "'{team}-{purpose}-{region}-{layer}' of aws_s3_bucket" in problem.message
        assert problem.address == "aws_s3_bucket.x"


def test_the_pattern_of_the_file_wins_and_the_more_specific_one(make: Make) -> None:
    namer = make(patterns="patterns: {'*': 'all{project}', 'aws_*': 'aws{project}', aws_s3_bucket: 's3-{project}'}")
    assert name_of(namer) == "s3-platform"
    assert name_of(namer, DATABASE) == "awsplatform"


def test_a_packaged_convention_stands_between_provider_and_file(make: Make) -> None:
    acme = Convention(
        "acme",
        {"aws_*": "acme-{project}-{data_owner}", DATABASE: "{project}"},
        {"abbreviations": {"project": {"platform": "plt", "other": "oth"}}, "region_mapping": {"us-east-1": "va"}},
        {"data_owner": {"description": "Who answers"}},
    )
    options = {"conventions": {"acme": acme}, "metadata": {"data_owner": "x"}}
    assert name_of(make(patterns="use: acme", **options)) == "acme-plt-x"
    file = """\
use: acme
patterns: {aws_s3_bucket: "{project}-{region}-s3"}
transformations: {abbreviations: {project: {platform: p}}}
"""
    assert name_of(make("defaults: {region: us-east-1}", file, **options)) == "p-va-s3"
    assert name_of(make("defaults: {project: other}", file, **options), DATABASE) == "oth"


def test_a_convention_that_is_not_installed(make: Make) -> None:
    acme = Convention("acme", {})
    (problem,) = make(patterns="\nuse: acne", conventions={"acme": acme}).problems
    assert (problem.code, problem.place, problem.hint) == (
        "CONVENTION-UNKNOWN",
        Place("patterns.yaml", 2, 6),
        "Did you mean acme?",
    )


def test_a_bad_pattern_is_one_problem_however_many_resources(make: Make) -> None:
    namer = make(patterns="patterns:\n  aws_s3_bucket: '{projet}-{x'\n")
    (problem,) = namer.problems
    assert (problem.code, problem.place, problem.field) == ("PATTERN-SYNTAX", Place("patterns.yaml", 2, 18), BUCKET)
    assert namer.name(BUCKET, naming={"purpose": "x"}) == (None, [])
    assert name_of_literal(namer) == "literal-name"


def name_of_literal(namer: Namer) -> str:
    named, problems = namer.name(BUCKET, literal="literal-name")
    assert named, problems
    return named.name


def test_variables_that_a_pattern_may_use(make: Make) -> None:
    pattern = "patterns: {aws_s3_bucket: '{project}-{squad}'}"
    assert codes(make(patterns=pattern, metadata={"squad": "x"}).problems) == ["PATTERN-VARIABLE"]
    assert name_of(make(patterns=pattern + "\nvariables: {squad: {}}", metadata={"squad": "x"})) == "platform-x"
    assert name_of(make("environments: {prd: {squad: y}}", pattern, metadata={"squad": "x"})) == "platform-x"


class TestRegion:
    PATTERN = "patterns: {aws_s3_bucket: '{project}-{region}'}"
    FULL = "patterns: {aws_s3_bucket: '{project}-{region|full}'}"

    def test_code_and_long_name(self, make: Make) -> None:
        values = "defaults: {region: us-east-1}"
        assert name_of(make(values, self.PATTERN)) == "platform-use1"
        assert name_of(make(values, self.FULL)) == "platform-us-east-1"

    def test_the_mapping_of_the_file_wins(self, make: Make) -> None:
        patterns = self.PATTERN + "\ntransformations: {region_mapping: {us-east-1: va, moon-1: m1}}"
        assert name_of(make("defaults: {region: us-east-1}", patterns)) == "platform-va"
        assert name_of(make("defaults: {region: moon-1}", patterns)) == "platform-m1"

    def test_an_unmapped_region_is_an_error_with_its_place(self, make: Make) -> None:
        (problem,) = refusals(make("defaults:\n  region: us-east-11\n", self.PATTERN))
        assert (problem.code, problem.place, problem.field) == (
            "REGION-UNMAPPED",
            Place("values.yaml", 2, 11),
            "defaults.region",
        )
        assert "us-east-1?" in (problem.hint or "")

    def test_two_regions_cannot_have_one_code(self, make: Make) -> None:
        namer = make(patterns="transformations: {region_mapping: {us-east-2: use1}}")
        assert codes(namer.problems) == ["REGION-CODE"]

    def test_regions_of_two_clouds_may_have_one_code(
        self, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        info = kind("databricks_cluster", rules["free"], "{project}-{region}")
        mapping = "transformations: {region_mapping: {us-east-1: use1, eu-west-9: ew1}}"
        shipped = {"aws": {"us-east-1": "use1"}, "gcp": {"us-east1": "use1", "europe-west1": "ew1"}}
        namer = make(patterns=mapping, kinds={info.kind: info}, region_codes=shipped)
        (problem,) = namer.problems
        assert "eu-west-9 and europe-west1" in problem.message  # no cloud is known to have the first

    def test_kinds_of_a_provider_without_codes_use_those_of_the_clouds(
        self, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        info = kind("databricks_cluster", rules["free"], "{project}-{region}")
        namer = make("defaults: {region: eu-west-1}", kinds={info.kind: info})
        assert name_of(namer, info.kind) == "platform_euw1"

    def test_the_alias_decides(self, make: Make) -> None:
        namer = make(patterns=self.PATTERN, regions={"aws": "eu-west-1", "aws.us": "us-east-1"})
        assert name_of(namer) == "platform-euw1"
        assert name_of(namer, alias="aws.us") == "platform-use1"
        named, _ = namer.name(BUCKET, alias="aws.us")
        assert named
        assert named.region == "us-east-1"
        assert refusals(namer, alias="aws.none")[0].code == "NAME-REGION"

    def test_a_default_alias_that_contradicts_a_layer_names_both_places(self, make: Make) -> None:
        namer = make(
            "defaults: {region: us-east-1}",
            self.PATTERN,
            regions={"aws": "eu-west-1"},
            region_places=lambda alias: Place("blueprint.json", 4, 5),
        )
        (problem,) = refusals(namer)
        assert problem.code == "REGION-CONFLICT"
        assert "values.yaml:1:20" in problem.message
        assert "providers.aws.region (blueprint.json:4:5)" in problem.message

    def test_a_second_alias_is_elsewhere_unless_the_resource_says_otherwise(self, make: Make) -> None:
        namer = make("defaults: {region: us-east-1}", self.PATTERN, regions={"aws.eu": "eu-west-1"})
        assert name_of(namer, alias="aws.eu") == "platform-euw1"
        assert name_of(namer) == "platform-use1"
        assert codes(refusals(namer, alias="aws.eu", naming={"region": "us-east-1"})) == ["REGION-CONFLICT"]

    def test_the_same_region_twice_is_no_contradiction(self, make: Make) -> None:
        namer = make("defaults: {region: eu-west-1}", self.PATTERN, regions={"aws": "eu-west-1"})
        assert name_of(namer) == "platform-euw1"


class TestAbbreviations:
    PATTERNS = (
        "patterns: {{aws_s3_bucket: '{}'}}\n"
        "transformations: {{abbreviations: {{environment: {{Production: prd, dev: d}}}}}}"
    )

    def test_the_table_is_asked_before_all_filters_by_small_letters(self, make: Make) -> None:
        namer = make(patterns=self.PATTERNS.format("{project}-{environment|max:2}"), environment="PRODUCTION")
        assert name_of(namer) == "platform-pr"

    def test_no_entry_leaves_the_value(self, make: Make) -> None:
        namer = make(patterns=self.PATTERNS.format("{project}-{environment}"), environment="staging")
        assert name_of(namer) == "platform-staging"

    def test_abbr_insists(self, make: Make) -> None:
        patterns = self.PATTERNS.format("{project}-{environment|abbr}")
        assert name_of(make(patterns=patterns)) == "platform-d"
        assert codes(refusals(make(patterns=patterns, environment="stg"))) == ["ABBR-MISSING"]


class TestSettings:
    @pytest.mark.parametrize(
        ("setting", "name"),
        [
            ("lowercase: true", "app-data"),
            ("uppercase: true", "APP-DATA"),
            ("uppercase: ['app_*']", "APP-DATA"),
            ("uppercase: ['aws_*']", "App-Data"),
            ("uppercase: {'*': true, app_queue: false}", "App-Data"),
            ("replace_hyphens: {'app_*': '_'}", "App_Data"),
            ("replace_hyphens: {'app_*': ''}", "AppData"),
        ],
    )
    def test_case_and_separator(
        self, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule], setting: str, name: str
    ) -> None:
        info = kind("app_queue", rules["queue"], "{project}-{team}")
        namer = make("defaults: {project: App, team: Data}", f"transformations: {{{setting}}}", kinds={info.kind: info})
        assert name_of(namer, info.kind) == name

    @pytest.mark.parametrize(
        ("section", "code"),
        [
            ("transformations: {lowercase: true, uppercase: true}", "PATTERNS-SETTING"),
            ("transformations: {uppercase: ['aws_s3*']}", "PATTERNS-SETTING"),
            ("transformations: {replace_hyphens: {'aws_s3*': '_'}}", "PATTERNS-SETTING"),
            ("transformations: {replace_hyphens: {'aws_s3_*': '', '*_bucket': '-'}}", "GLOB-TIE"),
            ("validation: {max_length: 2}", "PATTERNS-LENGTH"),
            ("validation: {allowed_chars: a-z0-9}", "PATTERNS-CHARS"),
            ("patterns: {'aws_s3_*': '{project}-a', '*_bucket': '{project}-b'}", "GLOB-TIE"),
            ("patterns: {aws_s3_bucket: '{project}.{purpose}'}\nvalidation: {allowed_chars: a-z-}", "PATTERN-LITERAL"),
            ("patterns: {aws_s3_bucket: 'abcdefghij{project}'}\nvalidation: {max_length: 10}", "LEN-UNREACHABLE"),
        ],
    )
    def test_what_no_name_could_follow(
        self, make: Make, kinds: Mapping[str, KindInfo], section: str, code: str
    ) -> None:
        problems = make(patterns=section, kinds={BUCKET: kinds[BUCKET]}).problems
        assert code in codes(problems)
        assert all(problem.place and problem.place.file == "patterns.yaml" for problem in problems)

    @pytest.mark.parametrize("setting", ["lowercase", "uppercase"])
    def test_true_is_for_all_kinds_that_have_a_choice(
        self, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule], setting: str
    ) -> None:
        upper = replace(rules["queue"], fold="upper")
        kinds = {
            info.kind: info
            for info in (
                kind("app_queue", rules["queue"], "{project}"),
                kind("app_bucket", rules["s3"], "{project}"),
                kind("app_loud", upper, "{project}"),
            )
        }
        namer = make("defaults: {project: Apple}", f"transformations: {{{setting}: true}}", kinds=kinds)
        names = [name_of(namer, name) for name in ("app_queue", "app_bucket", "app_loud")]
        assert names == ["apple" if setting == "lowercase" else "APPLE", "apple", "APPLE"]

    def test_max_length_only_lowers(self, make: Make) -> None:
        namer = make(patterns="validation: {max_length: 20}")
        assert name_of(namer, naming={"purpose": "a" * 7})
        (problem,) = refusals(namer, naming={"purpose": "a" * 8})
        assert (problem.code, problem.expected) == ("NAME-LENGTH", "at most 20")
        namer = make(patterns="validation: {max_length: {aws_s3_bucket: 1000}}")
        assert codes(refusals(namer, naming={"purpose": "a" * 60})) == ["NAME-LENGTH"]

    def test_allowed_chars_only_narrow(self, make: Make) -> None:
        namer = make(patterns="validation: {allowed_chars: 'a-z_-'}")
        assert codes(refusals(namer, naming={"purpose": "a1"})) == ["NAME-CHARS"]
        assert codes(refusals(namer, naming={"purpose": "ä"})) == ["NAME-CHARS", "NAME-CHARS"]

    def test_required_variables_are_asked_for_even_if_unused(self, make: Make) -> None:
        namer = make(patterns="validation: {required_variables: {'aws_*': [team], aws_s3_bucket: [cost_center]}}")
        assert [p.field for p in refusals(namer, naming={"purpose": "x"})] == ["naming.team", "naming.cost_center"]
        assert namer.name(BUCKET, naming={"purpose": "x", "team": "t", "cost_center": "c"})[0]


class TestOtherNames:
    def test_a_literal_is_judged_by_the_rule_only(self, make: Make) -> None:
        namer = make(patterns="validation: {max_length: 10, required_variables: [team]}")
        assert name_of(namer, literal="a-name-that-is-rather-long") == "a-name-that-is-rather-long"
        (problem,) = refusals(namer, literal="Not_Valid", address="aws_s3_bucket.x")
        assert (problem.code, problem.field, problem.address) == ("NAME-CHARS", "name", "aws_s3_bucket.x")
        assert problem.hint == "'not-valid' would be valid."
        assert codes(refusals(namer, literal="")) == ["NAME-EMPTY"]

    def test_a_literal_is_stored_as_the_service_folds_it(self, make: Make) -> None:
        assert name_of(make(), DATABASE, literal="My_Db") == "my_db"
        assert codes(refusals(make(), DATABASE, literal="\N{KELVIN SIGN}")) == ["NAME-CHARS"]

    def test_a_plugin_may_give_the_name_or_leave_it(self, make: Make) -> None:
        asked: list[NameRequest] = []

        def custom(request: NameRequest) -> str | None:
            asked.append(request)
            return f"acme-{request.values['project']}" if request.kind == BUCKET else None

        namer = make(custom=custom)
        assert name_of(namer, address="aws_s3_bucket.x") == "acme-platform"
        assert name_of(namer, DATABASE, naming={"domain": "sales"}) == "platform_sales_dev"
        assert name_of(namer, literal="abc") == "abc"
        assert [(request.kind, request.address) for request in asked] == [(BUCKET, "aws_s3_bucket.x"), (DATABASE, "")]
        assert asked[0].pattern == "{project}-{purpose}-{environment}"

    def test_the_answer_of_a_plugin_is_checked(self, make: Make) -> None:
        assert codes(refusals(make(custom=lambda request: "No_Bucket"))) == ["NAME-CHARS"]
        namer = make(custom=lambda request: "abcdefghijk", patterns="validation: {max_length: 10}")
        assert codes(refusals(namer)) == ["NAME-LENGTH"]

    def test_the_answer_of_a_plugin_is_told_from_a_rendered_name(self, make: Make) -> None:
        (problem,) = refusals(make(custom=lambda request: "No_Bucket", custom_by="Plugin 'acme'"))
        assert "The name is given by Plugin 'acme' in dpn_name." in problem.message

    def test_a_plugin_refuses_in_its_own_words(self, make: Make) -> None:
        def custom(request: NameRequest) -> str | None:
            raise InputError("No such team.", hint="Ask Ada.")

        (problem,) = refusals(make(custom=custom), address="aws_s3_bucket.x")
        assert (problem.code, problem.address, problem.hint) == ("NAME-REFUSED", "aws_s3_bucket.x", "Ask Ada.")

    def test_a_kind_without_names(
        self, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        info = kind("databricks_grant", rules["free"], "")
        namer = make("defaults: {region: eu-west-1}", kinds={info.kind: info})
        named, problems = namer.name(info.kind)
        assert named
        assert (named.name, named.region, problems, namer.problems) == ("", "eu-west-1", [], ())

    def test_an_unknown_kind(self, make: Make) -> None:
        assert codes(refusals(make(), "aws_s3_buckt")) == ["KIND-UNKNOWN"]

    def test_an_override_that_nothing_can_use_is_a_warning(self, make: Make) -> None:
        (problem,) = make(overrides={"purpsoe": "x", "purpose": "y"}).problems
        assert (problem.code, problem.severity, problem.hint) == (
            "OVERRIDE-UNKNOWN",
            "warning",
            "Did you mean purpose?",
        )


def test_too_long_says_what_to_shorten(make: Make) -> None:
    (problem,) = refusals(make(), naming={"purpose": "p" * 60})
    assert problem.code == "NAME-LENGTH"
    assert "10 too many" in problem.message
    assert (problem.hint or "").startswith("Shorten purpose (60 characters) or project (8 characters)")


def test_names_are_ascii_even_where_the_class_is_wider(
    make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
) -> None:
    info = kind("databricks_catalog", rules["free"], "{project}")
    namer = make("defaults: {project: größe}", kinds={info.kind: info})
    assert codes(refusals(namer, info.kind)) == ["NAME-CHARS"]
    assert name_of(namer, info.kind, literal="GRÖßE") == "größe"


VALUE = st.one_of(st.text(max_size=40), st.text(alphabet="abAB09-_. /äK\n\u200b", max_size=40), st.none())


@given(data=st.data())
def test_no_name_is_given_that_its_rule_refuses(
    data: st.DataObject, make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
) -> None:
    filters = st.sampled_from(["", "|slug", "|word", "|max:3", "|hash:8", "|lower|max:9"])
    rule = rules[data.draw(st.sampled_from(sorted(rules)))]
    separator = data.draw(st.sampled_from(["-", "_", ""]))
    pattern = separator.join(f"{{{name}{data.draw(filters)}}}" for name in ("project", "purpose")) + "[-{layer}]"
    info = kind("aws_thing", rule, pattern, "purpose", "layer")
    namer = make(kinds={info.kind: info})
    naming = {name: data.draw(VALUE) for name in ("project", "purpose", "layer")}
    named, problems = namer.name(info.kind, naming=naming)
    assert bool(named) != bool(problems or namer.problems)
    if named:
        assert check(rule, named.name) == []
        assert named.name == rule.canonical(named.name)
        assert name_of(namer, info.kind, naming=naming) == named.name


class TestCollisions:
    def rows(self, kind: Callable[..., KindInfo], rule: NameRule, *rows: tuple[str, str, str]) -> list[Problem]:
        info = kind("aws_thing", rule, "{project}")
        return collisions((address, info, name, scope) for address, name, scope in rows)

    def test_one_name_twice_in_one_scope(self, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]) -> None:
        (problem,) = self.rows(kind, rules["s3"], ("b", "x", "1"), ("a", "x", "1"), ("c", "x", "2"), ("d", "y", "1"))
        assert (problem.code, problem.address) == ("NAME-COLLISION", "b")
        assert "b and a" in problem.message

    def test_names_are_compared_as_the_service_does(
        self, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        assert codes(self.rows(kind, rules["role"], ("a", "App", "1"), ("b", "app", "1"))) == ["NAME-COLLISION"]
        assert codes(self.rows(kind, rules["glue"], ("a", "App", "1"), ("b", "app", "1"))) == ["NAME-COLLISION"]
        assert self.rows(kind, rules["queue"], ("a", "App", "1"), ("b", "app", "1")) == []

    def test_names_that_are_no_identity_are_compared_too(
        self, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        (problem,) = self.rows(kind, rules["free"], ("a", "x", ""), ("b", "X", ""), ("c", "y", ""))
        assert (problem.code, problem.address) == ("NAME-COLLISION", "b")
        assert "nobody could tell them apart" in problem.message

    def test_what_has_no_name_collides_with_nothing(
        self, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
    ) -> None:
        assert self.rows(kind, rules["free"], ("a", "", ""), ("b", "", "")) == []

    def test_two_kinds_do_not_collide(self, kinds: Mapping[str, KindInfo]) -> None:
        assert collisions([("a", kinds[BUCKET], "x", "1"), ("b", kinds[DATABASE], "x", "1")]) == []


def test_more_than_ascii_is_for_kinds_that_the_file_allows_it(
    make: Make, kind: Callable[..., KindInfo], rules: Mapping[str, NameRule]
) -> None:
    free = kind("aws_free", rules["free"], "{project}_{purpose}", "purpose")
    kinds = {free.kind: free}
    [problem] = refusals(make(kinds=kinds), "aws_free", naming={"purpose": "größe"})
    assert problem.code == "NAME-CHARS"
    assert "let aws_free have more: unicode" in (problem.hint or "")
    for said in ("unicode: true", "unicode: [aws_free]", "unicode: {'aws_*': true}"):
        assert name_of(make(patterns=said, kinds=kinds), "aws_free", naming={"purpose": "größe"}) == "platform_größe"
    strict = make(patterns="unicode: true")
    assert codes(refusals(strict, naming={"purpose": "größe"})) == ["NAME-CHARS"]
