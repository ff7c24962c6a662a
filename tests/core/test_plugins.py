from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dpn import hookimpl, offers, plugins
from dpn.errors import DpnError, InputError, PluginError, Problem, RefusedError
from dpn.extensions import BUILT_IN, Convention, NameRequest, Transform
from dpn.model import Event, Plan
from dpn.naming.filters import builtin
from dpn.provider import API, Kind, NamedKind, NameRule, Provider
from dpn.testing.memory import Cloud, MemoryPlugin, provider


class Named(NamedKind):
    kind = "odd_label"
    name_rule = NameRule("[a-z]+")
    default_pattern = "{project}"


def offering(*providers: Any) -> Any:
    class Plugin:
        @hookimpl
        def dpn_providers(self) -> list[Any]:
            return list(providers)

    return Plugin()


def load(*objects: Any) -> plugins.Plugins:
    return plugins.load(objects=objects)


# providers and kinds ------------------------------------------------------------------------------------------------


def test_a_kind_is_known_by_its_data_and_what_it_implements() -> None:
    loaded = load(MemoryPlugin())
    assert sorted(loaded.kinds) == ["mem_box", "mem_label", "mem_robot", "mem_shelf"]
    box, robot, label = (loaded.kinds[f"mem_{name}"] for name in ("box", "robot", "label"))
    assert {"contents", "list", "mark"} <= box.has
    assert "rename" not in box.has
    assert {"ready", "archive", "restore"} <= robot.has
    assert (label.provisions, label.has) == (False, frozenset())
    assert box.plugin == "given"


@pytest.mark.parametrize(
    ("providers", "words"),
    [
        ((Provider("odd", (Named,), api=API + 1),), ["speaks plugin API", "--upgrade"]),
        ((Provider("odd", (Named,)), Provider("odd", ())), ["Two plugins offer the provider 'odd'"]),
        ((Provider("other", (Named,)),), ["must begin other_"]),
        (("nonsense",), ["object 0"]),
        ((None,), ["object 0"]),
    ],
    ids=["another API", "twice", "another prefix", "no provider", "none"],
)
def test_a_provider_that_cannot_be_used_is_refused_at_load(providers: Any, words: list[str]) -> None:
    with pytest.raises(PluginError) as caught:
        load(offering(*providers))
    assert caught.value.exit_code == 7
    assert all(word in f"{caught.value.message} {caught.value.hint}" for word in words)


@pytest.mark.parametrize("missing", ["kind", "name_rule", "default_pattern"])
def test_a_kind_without_what_every_kind_has_is_refused_with_the_plugins_name(missing: str) -> None:
    members = {key: value for key, value in vars(Named).items() if key != missing and not key.startswith("__")}
    bare = type("Bare", (NamedKind,), members)
    with pytest.raises(PluginError, match=rf"Plugin 'object 0' .*{missing}"):
        load(offering(Provider("odd", (bare,))))


def test_a_provider_that_is_not_installed_is_said_with_the_command_that_installs_it() -> None:
    with pytest.raises(PluginError) as caught:
        plugins.load(["nocloud_bucket"])
    assert "'nocloud' is not installed" in caught.value.message
    assert caught.value.hint == "Install it: pip install dpn-nocloud"


@pytest.mark.parametrize("group", ["naming", "extensions"])
def test_any_other_plugin_that_is_not_installed_is_named(group: Any) -> None:
    with pytest.raises(PluginError, match="'acme' is not installed"):
        plugins.load(**{group: ["acme"]})


def test_a_provider_that_was_passed_in_is_not_looked_for() -> None:
    assert list(plugins.load(["mem_box"], objects=[MemoryPlugin()]).providers) == ["mem"]


# hooks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["dpn_read", "dpn_create", "dpn_update", "dpn_delete", "dpn_rollback"])
def test_a_hook_that_takes_wrappers_only_refuses_any_other_with_advice(hook: str) -> None:
    arguments = {"dpn_read": "query, kind", "dpn_rollback": "receipt, undo, kind"}.get(hook, "change, kind")
    space: dict[str, Any] = {}
    exec(f"def {hook}(self, {arguments}): return None", space)  # the five differ by their arguments only
    direct = type("Direct", (), {hook: hookimpl(space[hook])})
    with pytest.raises(PluginError) as caught:
        load(direct())
    assert f"{hook} takes wrappers only" in caught.value.message
    assert "'object 0'" in caught.value.message
    assert "@hookimpl(wrapper=True)" in caught.value.hint
    assert "Kind class" in caught.value.hint


def test_a_misspelt_hook_is_refused_with_the_plugins_name() -> None:
    class Misspelt:
        @hookimpl
        def dpn_reveiw(self, plan: Any) -> None: ...

    with pytest.raises(PluginError, match=r"'object 1'.*dpn_reveiw"):
        load(MemoryPlugin(), Misspelt())


def test_an_argument_that_a_hook_does_not_have_is_refused_with_the_plugins_name() -> None:
    class Greedy:
        @hookimpl
        def dpn_review(self, plan: Any, client: Any) -> None: ...

    with pytest.raises(PluginError, match=r"'object 0'.*client"):
        load(Greedy())


PLAN = Plan("lab.dev", "dev", 0, "", ())
REQUEST = NameRequest("mem_box", "mem_box.a", {}, NameRule(".+"), "{x}")


ARGUMENTS = {"dpn_validate": ("resources", ()), "dpn_review": ("plan", PLAN), "dpn_name": ("request", REQUEST)}


def ask(hook: str, answer: Any) -> Any:
    """Ask one hook of one plugin that answers or raises."""

    def give(self: Any) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    name, value = ARGUMENTS.get(hook, ("", None))
    given = f"lambda self, {name}: give(self)" if name else "lambda self: give(self)"
    function = eval(given, {"give": give})  # pluggy looks at the names of the arguments
    plugin = type("Answering", (), {hook: hookimpl(function)})
    method = getattr(load(MemoryPlugin(), plugin()), hook.removeprefix("dpn_"))
    return method(value) if name else method()


HOOKS = ["dpn_validate", "dpn_review", "dpn_name", "dpn_conventions", "dpn_transforms", "dpn_backends"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_plugin_that_raises_is_named_with_the_hook_and_the_reason(hook: str) -> None:
    with pytest.raises(PluginError) as caught:
        ask(hook, ValueError("boom"))
    assert "Plugin 'object 1' (given" in caught.value.message
    assert hook in caught.value.message
    assert "boom" in caught.value.message
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("hook", HOOKS)
def test_an_error_that_is_meant_for_people_is_shown_as_it_is(hook: str) -> None:
    with pytest.raises(DpnError, match=r"^Not today\.$"):
        ask(hook, DpnError("Not today."))


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("answer", [["text"], [None], 7])
def test_an_answer_of_another_type_is_an_error_that_names_the_plugin(hook: str, answer: Any) -> None:
    with pytest.raises(PluginError, match="object 1"):
        ask(hook, answer)


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "dpn_name"])
def test_no_answer_is_no_answer(hook: str) -> None:
    assert list(ask(hook, None)) == []


def test_a_generator_that_raises_in_its_middle_names_its_plugin() -> None:
    class Lazy:
        @hookimpl
        def dpn_validate(self, resources: Any) -> Iterator[Problem]:
            yield Problem("A", "first")
            raise ValueError("boom")

    with pytest.raises(PluginError, match=r"'object 0'.*dpn_validate"):
        load(Lazy()).validate(())


def test_problems_of_all_plugins_come_together_in_the_order_of_the_plugins() -> None:
    def saying(code: str) -> Any:
        class One:
            @hookimpl
            def dpn_validate(self, resources: Any) -> Iterator[Problem]:
                yield Problem(code, "x")

        return One()

    assert [problem.code for problem in load(saying("A"), saying("B")).validate(())] == ["A", "B"]


def test_the_first_name_that_is_given_counts_and_none_leaves_it_to_the_pattern() -> None:
    def naming(name: str | None) -> Any:
        class One:
            @hookimpl
            def dpn_name(self, request: NameRequest) -> str | None:
                return name

        return One()

    assert load(naming(None)).name(REQUEST) is None
    assert load(naming(None), naming("given")).name(REQUEST) == "given"


def test_conventions_are_found_by_their_name_and_filters_too() -> None:
    assert list(ask("dpn_conventions", [Convention("acme", {})])) == ["acme"]
    assert list(ask("dpn_transforms", {"initials": Transform(lambda value, arg: value)})) == ["initials"]


def test_two_filters_with_one_name_are_refused() -> None:
    class Filters:
        @hookimpl
        def dpn_transforms(self) -> Mapping[str, Transform]:
            return {"initials": Transform(lambda value, arg: value)}

    with pytest.raises(PluginError, match="'initials'"):
        load(Filters(), Filters()).transforms()


def test_a_convention_of_an_extension_or_a_given_plugin_needs_no_package() -> None:
    class Naming:
        @hookimpl
        def dpn_conventions(self) -> list[Convention]:
            return [Convention("acme", {})]

    assert list(plugins.load(naming=["acme"], objects=[Naming()]).conventions()) == ["acme"]


def test_a_naming_plugin_without_a_convention_is_chosen_beside_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Naming:
        @hookimpl
        def dpn_conventions(self) -> list[Convention]:
            return [Convention("other", {})]

    install(tmp_path, "dpn-quiet", {"dpn.naming": "quiet = dpn_quiet"})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert sorted(plugins.load(naming=["quiet"], objects=[Naming()]).conventions()) == ["other", "quiet"]


def test_a_filter_has_the_name_of_none_of_core() -> None:
    assert frozenset(builtin("-")) == BUILT_IN
    with pytest.raises(PluginError, match=r"object 1.*'lower' is one of core's"):
        ask("dpn_transforms", {"lower": Transform(lambda value, arg: value)})


def test_a_listener_that_raises_does_not_keep_others_from_hearing() -> None:
    heard: list[str] = []

    def hearing(name: str, *, fails: bool = False) -> Any:
        class One:
            @hookimpl
            def dpn_event(self, event: Event) -> None:
                heard.append(name)
                if fails:
                    raise ValueError(name)

        return One()

    load(hearing("a"), hearing("b", fails=True), hearing("c")).event(Event("run", 0.0))
    assert sorted(heard) == ["a", "b", "c"]


# through the doors --------------------------------------------------------------------------------------------------


def test_what_a_plugin_finds_wrong_stops_before_anything_is_connected(lab: Any) -> None:
    class Policy:
        @hookimpl
        def dpn_validate(self, resources: Any) -> Iterator[Problem]:
            for resource in resources:
                yield Problem("ACME-OWNER", "The tag owner is missing.", resource.address, "spec.tags")

    lab.objects.append(Policy())
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_box.a"), lab.thing("mem_box.b"))
    assert [(one.code, one.address) for one in caught.value.problems] == [
        ("ACME-OWNER", "mem_box.a"), ("ACME-OWNER", "mem_box.b"),
    ]  # fmt: skip
    assert all(one.place for one in caught.value.problems)
    assert lab.cloud.calls == []


def test_policy_on_the_finished_plan_refuses_it(lab: Any) -> None:
    class Policy:
        @hookimpl
        def dpn_review(self, plan: Plan) -> Iterator[Problem]:
            for change in plan.changes:
                if change.action == "create":
                    yield Problem("ACME-FREEZE", "Nothing is created today.", change.address)

    lab.objects.append(Policy())
    with pytest.raises(RefusedError) as caught:
        lab.apply(lab.thing("mem_box.a"))
    assert caught.value.exit_code == 3
    assert [one.code for one in caught.value.problems] == ["ACME-FREEZE"]
    assert lab.called("create") == []


def test_a_name_that_a_plugin_gives_is_held_to_the_rule(lab: Any) -> None:
    class Naming:
        @hookimpl
        def dpn_name(self, request: NameRequest) -> str:
            return "NOT VALID"

    lab.objects.append(Naming())
    with pytest.raises(InputError) as caught:
        lab.plan(lab.thing("mem_box.a", naming={"purpose": "raw"}))
    assert {problem.address for problem in caught.value.problems} == {"mem_box.a"}


# installed packages -------------------------------------------------------------------------------------------------


def install(path: Path, package: str, points: Mapping[str, str], code: str = "") -> None:
    """Lay down a package as pip would: metadata with entry points, and a module."""
    info = path / f"{package.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    lines = [f"[{group}]\n{point}\n" for group, point in points.items()]
    (info / "entry_points.txt").write_text("".join(lines))
    (path / f"{package.replace('-', '_')}.py").write_text(code)


ACME = """
from dpn import Problem, hookimpl
from dpn.provider import NamedKind, NameRule, Provider

class Label(NamedKind):
    kind = "acme_label"
    name_rule = NameRule(".+")
    default_pattern = "{x}"

@hookimpl
def dpn_providers():
    yield Provider("acme", (Label,))

@hookimpl
def dpn_review(plan):
    yield Problem("ACME", "heard", severity="warning")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_listing_imports_nothing(site: Path) -> None:
    install(site, "dpn-acme", {"dpn.extensions": "acme = dpn_acme"}, "raise RuntimeError('imported')")
    found = plugins.installed("extensions")["acme"]
    assert (found.package, found.version, found.value) == ("dpn-acme", "1.2", "dpn_acme")
    assert "dpn_acme" not in sys.modules


def test_only_what_is_asked_for_is_imported_and_a_failing_import_names_the_package(site: Path) -> None:
    install(site, "dpn-acme", {"dpn.extensions": "acme = dpn_acme"}, "raise RuntimeError('no SDK')")
    plugins.load(objects=[MemoryPlugin()])
    with pytest.raises(PluginError, match=r"'acme' \(dpn-acme 1\.2\) could not be imported.*no SDK"):
        plugins.load(extensions=["acme"])


def test_an_installed_provider_is_found_by_the_prefix_of_a_kind(site: Path) -> None:
    install(site, "dpn-acme", {"dpn.providers": "acme = dpn_acme"}, ACME)
    assert plugins.load(["acme_label"]).kinds["acme_label"].plugin == "dpn-acme 1.2"


def test_two_packages_with_one_name_are_an_error_that_names_both(site: Path) -> None:
    install(site, "dpn-acme", {"dpn.extensions": "acme = dpn_acme"})
    install(site, "acme-for-dpn", {"dpn.extensions": "acme = acme_for_dpn"})
    with pytest.raises(PluginError, match=r"acme-for-dpn.*dpn-acme|dpn-acme.*acme-for-dpn"):
        plugins.installed("extensions")


def test_plugins_are_registered_in_the_order_of_their_names(site: Path) -> None:
    for name in ("zeta", "alpha"):
        code = (
            f"from dpn import hookimpl, Problem\n@hookimpl\ndef dpn_review(plan):\n    yield Problem('{name}', 'x')\n"
        )
        install(site, f"dpn-{name}", {"dpn.extensions": f"{name} = dpn_{name}"}, code)
    loaded = plugins.load(extensions=["zeta", "alpha"])
    assert [problem.code for problem in loaded.review(PLAN)] == ["alpha", "zeta"]


def test_an_extension_is_imported_only_when_config_yaml_lists_it(site: Path, lab: Any) -> None:
    install(site, "dpn-acme", {"dpn.extensions": "acme = dpn_acme"}, ACME)
    assert lab.plan(lab.thing("mem_box.a")).plan.problems == ()
    assert "dpn_acme" not in sys.modules
    (lab.root / ".dpn").mkdir()
    (lab.root / ".dpn" / "config.yaml").write_text("plugins: [acme]\n")
    assert [problem.code for problem in lab.plan().plan.problems] == ["ACME"]


class Bare(Kind):
    """The smallest kind that can be provisioned."""

    kind = "odd_thing"
    name_rule = NameRule(".+")
    default_pattern = "{project}"
    schema: ClassVar[Mapping[str, Any]] = {"type": "object"}

    create = put = read = delete = None  # type: ignore[assignment]  # only what is there counts here


def test_what_a_kind_does_not_implement_it_does_not_have() -> None:
    assert offers.kind_info(Bare, "odd", "here").has == frozenset()
    assert offers.kind_info(Bare, "odd", "here").provisions


def test_the_provider_of_the_memory_plugin_is_whole() -> None:
    assert replace(provider(Cloud()), connect=None, errors=None, identity=None).name == "mem"
