"""Where secrets come from: asked for at the call, once in a run, of the provider that the scheme names."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dpn import hookimpl, plugins
from dpn.connections import Connections
from dpn.errors import DpnError, InputError, PluginError
from dpn.provider import Provider
from dpn.references import parse
from dpn.secrets import Secrets, secrets_of
from dpn.testing.memory import MemoryPlugin
from dpn.world import World

Answer = Callable[[Any, str], Any]


class Vault:
    """A plugin that has nothing but secrets."""

    def __init__(self, answer: Answer, scheme: str = "vault-kv") -> None:
        self.answer, self.scheme = answer, scheme
        self.asked: list[tuple[str, str]] = []

    @hookimpl
    def dpn_providers(self) -> list[Provider]:
        def secret(session: Any, rest: str) -> Any:
            self.asked.append((session, rest))
            return self.answer(session, rest)

        def connect(settings: Any) -> str:
            return f"{settings.get('region')}"

        return [Provider("vault", (), connect=connect, secrets={self.scheme: secret})]


def secrets(vault: Vault, env: dict[str, str] | None = None) -> Secrets:
    loaded = plugins.load(objects=[vault, MemoryPlugin()])
    return Secrets(loaded, Connections(loaded, {"vault": {}, "vault.eu": {"region": "eu"}}), World(env=env or {}))


def value(found: Secrets, text: str, alias: str = "mem", region: str | None = "north-1") -> str:
    return found.value(parse(text), alias, region)


def test_the_scheme_names_the_provider() -> None:
    vault = Vault(lambda session, rest: f"{rest}!")
    assert value(secrets(vault), "secret:vault-kv:a/b:c") == "a/b:c!"
    assert vault.asked == [("None", "a/b:c")]  # the region of another cloud means nothing here


def test_a_call_of_the_same_provider_goes_by_its_own_alias() -> None:
    vault = Vault(lambda session, rest: session)
    assert value(secrets(vault), "secret:vault-kv:a", "vault.eu") == "eu"


def test_each_secret_is_asked_for_once_by_all_threads() -> None:
    together = threading.Barrier(4, timeout=10)
    vault = Vault(lambda session, rest: rest)
    found = secrets(vault)

    def one(_: int) -> str:
        together.wait()
        return value(found, "secret:vault-kv:a") + value(found, "secret:vault-kv:b")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == ["ab"] * 4
    assert sorted(rest for _, rest in vault.asked) == ["a", "b"]


def test_what_a_provider_raises_is_not_repeated() -> None:
    def refuse(session: Any, rest: str) -> str:
        raise RuntimeError("the value is hunter2hunter2")

    with pytest.raises(DpnError, match="could not give the secret vault-kv:a: RuntimeError") as caught:
        value(secrets(Vault(refuse)), "secret:vault-kv:a")
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_an_error_in_plain_words_stays_as_it_is() -> None:
    def refuse(session: Any, rest: str) -> str:
        raise DpnError("There is no secret a.")

    with pytest.raises(DpnError, match=r"^There is no secret a\.$"):
        value(secrets(Vault(refuse)), "secret:vault-kv:a")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(DpnError, match="gave no text"):
        value(secrets(Vault(lambda session, rest: b"x")), "secret:vault-kv:a")


def test_an_unknown_scheme_and_an_unset_variable_are_told() -> None:
    found = secrets(Vault(lambda session, rest: rest), {"SET": "yes"})
    assert value(found, "env:SET") == "yes"
    with pytest.raises(InputError, match="NOT_SET is not set"):
        value(found, "env:NOT_SET")
    with pytest.raises(InputError, match="'vault-other'"):
        value(found, "secret:vault-other:a")


def test_a_scheme_that_does_not_name_its_provider_is_refused_at_load() -> None:
    with pytest.raises(PluginError, match="must be vault or begin vault-"):
        plugins.load(objects=[Vault(lambda session, rest: rest, "kv")])


@pytest.mark.parametrize(
    ("text", "shown", "found"),
    [
        ("${env:A}", "x", ["x"]),
        ("u:${env:A}@${mem_box.a}/${env:B}", "u:p@the-a/q", ["p", "q"]),
        ("$${x}${env:A}", "${x}y", ["y"]),
        ("${env:A}${env:B}", "xy", ["", "xy"]),
        ("a${env:A}b", "ab", [""]),
        ("a${env:A}b", "a", []),
        ("ab${env:A}ba", "aba", []),
        ("a${env:A}/${env:B}", "a-b", []),
        ("plain", "plain", []),
    ],
)
def test_what_stands_for_secrets_is_found_between_the_rest(text: str, shown: str, found: list[str]) -> None:
    assert secrets_of(text, shown) == found


def test_no_text_makes_the_search_for_secrets_slow() -> None:
    began = time.process_time()
    assert secrets_of("a${env:A}/${env:B}/${env:C}/${env:D}@x", "a" + "/" * 100_000) == []
    assert time.process_time() - began < 1


# through a run ------------------------------------------------------------------------------------------------------


@pytest.fixture
def vault() -> Vault:
    return Vault(lambda session, rest: f"value of {rest}")


def test_a_run_asks_once_and_stores_the_reference_only(lab: Any, vault: Vault) -> None:
    lab.objects.append(vault)
    assert lab.outcome(
        lab.thing("mem_box.a", color="${secret:vault-kv:x}", tags={"t": "${secret:vault-kv:x}"}),
        lab.thing("mem_robot.b", job="${secret:vault-kv:x}"),
    ) == "done"  # fmt: skip
    assert {seen.spec.get("color") or seen.spec.get("job") for seen in lab.seen()} == {"value of x"}
    assert vault.asked == [("None", "x")]
    assert lab.empty()
    assert len(vault.asked) == 1


def test_a_recovery_finds_the_provider_by_what_the_journal_says(lab: Any, vault: Vault) -> None:
    lab.objects.append(vault)
    box = lab.thing("mem_box.a")
    assert lab.outcome(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${secret:vault-kv:old}")) == "done"
    vault.asked.clear()
    lab.cloud.fault = lambda kind, method, name: "lose" if method == "put" else None
    lab.apply(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="new"))
    lab.no_faults()
    assert lab.open()
    lab.recover(file=None, stack="lab.dev")
    assert [seen.spec["note"] for seen in lab.seen() if seen.ref.kind == "mem_shelf"] == ["value of old"]
    assert vault.asked[-1] == ("None", "old")


def test_a_recovery_without_the_plugin_is_told_to_install_it(lab: Any, vault: Vault) -> None:
    lab.objects.append(vault)
    lab.cloud.fault = lambda kind, method, name: "refuse" if method in ("put", "delete") else None
    lab.apply(lab.thing("mem_box.a", size=1, tags={"t": "${secret:vault-kv:x}"}))
    lab.no_faults()
    assert lab.open()
    lab.objects.clear()
    with pytest.raises(PluginError, match="'vault' is not installed"):
        lab.recover(file=None, stack="lab.dev")
    lab.objects.append(vault)
    result = lab.recover(file=None, stack="lab.dev")
    assert result
    assert result.outcome == "rolled_back"


def test_a_secret_of_the_past_needs_no_plugin_to_plan(lab: Any, vault: Vault) -> None:
    lab.objects.append(vault)
    assert lab.outcome(lab.thing("mem_box.a", tags={"t": "${secret:vault-kv:x}"})) == "done"
    lab.objects.clear()
    assert lab.actions(lab.thing("mem_box.a", tags={"t": "plain"})) == {"mem_box.a": "update"}


def test_a_secret_with_blanks_in_its_name_is_one(lab: Any, vault: Vault) -> None:
    lab.objects.append(vault)
    assert lab.outcome(lab.thing("mem_box.a", color="${secret:vault-kv:My Service/me}")) == "done"
    assert lab.seen()[0].spec["color"] == "value of My Service/me"


def accepted(lab: Any, wrong: str, **how: Any) -> None:
    """Change a secret, let its undo go wrong, and leave what there is."""
    lab.env |= {"OLD": "the old one", "NEW": "the new one"}
    box = lab.thing("mem_box.a")
    assert lab.outcome(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:OLD}")) == "done"
    puts: list[str] = []

    def fault(kind: str, method: str, name: str) -> str | None:
        if (kind, method) == ("mem_robot", "create"):
            return "refuse"
        puts.extend([name] if method == "put" else [])
        return wrong if method == "put" and len(puts) > 1 else None

    lab.cloud.fault = fault
    shelf = lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:NEW}")
    result = lab.apply(box, shelf, lab.thing("mem_robot.r", job="x", needs=["mem_shelf.s"])).result
    assert result.outcome == "blocked"
    lab.no_faults()
    lab.recover(**how)


HOW: list[dict[str, Any]] = [{"accept": True}, {"skip": ["mem_shelf.s"]}, {"accept": True, "skip": ["mem_shelf.s"]}]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("wrong", ["refuse", "drop", "lose"])
@pytest.mark.parametrize("wanted", ["OLD", "NEW"])
def test_what_was_left_as_it_is_holds_the_secret_that_is_wanted_after_the_next_apply(
    lab: Any, how: Any, wrong: str, wanted: str
) -> None:
    accepted(lab, wrong, **how)
    lab.apply(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}", note=f"${{env:{wanted}}}"))
    assert [seen.spec["note"] for seen in lab.seen() if seen.ref.kind == "mem_shelf"] == [lab.env[wanted]]
    assert lab.records()["mem_shelf.s"].status == "ready"
    assert lab.empty()


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("wrong", ["drop", "lose"])
def test_a_secret_that_may_be_there_is_hidden_where_it_is_taken_out(lab: Any, how: Any, wrong: str) -> None:
    accepted(lab, wrong, **how)
    planned = lab.plan(lab.thing("mem_box.a"), lab.thing("mem_shelf.s", box="${mem_box.a}", note="plain"))
    assert not any(value in repr(planned.plan) for value in (lab.env["OLD"], lab.env["NEW"]))
    lab.apply()
    assert not any(value in repr(lab.last_journal()) for value in (lab.env["OLD"], lab.env["NEW"]))


def test_an_undo_that_lacks_the_former_secret_is_blocked_and_says_what_to_do(lab: Any) -> None:
    lab.env |= {"OLD": "the old one", "NEW": "the new one"}
    box = lab.thing("mem_box.a")
    assert lab.outcome(box, lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:OLD}")) == "done"
    del lab.env["OLD"]
    lab.cloud.fault = lambda kind, method, name: "refuse" if (kind, method) == ("mem_robot", "create") else None
    shelf = lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:NEW}")
    result = lab.apply(box, shelf, lab.thing("mem_robot.r", job="x", needs=["mem_shelf.s"])).result
    said = "mem_shelf.s: REFUSED: The environment variable OLD is not set. export OLD=…"
    assert (result.outcome, result.blocked) == ("blocked", {"mem_shelf.s": said})
    lab.env["OLD"] = "the old one"
    assert lab.recover().outcome == "rolled_back"


def test_an_empty_variable_is_not_set_and_nothing_is_sent(lab: Any) -> None:
    lab.env["EMPTY"] = ""
    with pytest.raises(InputError) as caught:
        lab.apply(lab.thing("mem_box.a", color="${env:EMPTY}"))
    assert [problem.code for problem in caught.value.problems] == ["REF-ENV"]
    assert lab.cloud.calls == []
    with pytest.raises(InputError, match="EMPTY is not set"):
        value(secrets(Vault(lambda session, rest: rest), {"EMPTY": ""}), "env:EMPTY")


def test_a_run_with_a_secret_that_is_no_unicode_ends_and_does_not_tell_it(lab: Any) -> None:
    lab.env["ODD"] = "pass\udcffword"
    lab.cloud.fault = lambda kind, method, name: "refuse" if (kind, method) == ("mem_shelf", "create") else None
    result = lab.apply(
        lab.thing("mem_box.a", color="${env:ODD}"), lab.thing("mem_shelf.s", box="${mem_box.a}", note="${env:ODD}")
    ).result
    assert (result.outcome, result.failure.code) == ("rolled_back", "Denied")
