"""What becomes of a provider that cannot connect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dpn import hookimpl, plugins
from dpn.connections import Connections
from dpn.errors import DpnError, InputError
from dpn.provider import Provider


def connections(error: BaseException, settings: Mapping[str, Any]) -> Connections:
    class Plugin:
        @hookimpl
        def dpn_providers(self) -> list[Provider]:
            def connect(_: Mapping[str, Any]) -> Any:
                raise error

            return [Provider("odd", (), connect=connect)]

    return Connections(plugins.load(objects=[Plugin()]), {"odd.east": settings}, env={"TOKEN": "s3cr3t"})


@pytest.mark.parametrize("error", [RuntimeError("no profile"), KeyError("host"), SystemExit("bye")], ids=repr)
def test_whatever_a_provider_raises_names_it_and_the_alias(error: BaseException) -> None:
    with pytest.raises(DpnError, match=r"Provider 'odd' could not connect as 'odd\.east'") as told:
        connections(error, {}).session("odd.east")
    assert f"{type(error).__name__}: {error}" in told.value.message
    assert told.value.__cause__ is error
    assert told.value.exit_code == 1  # a cloud that says no is no bug of the plugin


def test_an_error_in_plain_words_stays_as_it_is() -> None:
    error = InputError("There is no profile 'x'.")
    with pytest.raises(DpnError) as told:
        connections(error, {}).session("odd.east")
    assert told.value is error


def test_a_setting_takes_secrets_from_the_environment_only() -> None:
    with pytest.raises(InputError, match=r"only \$\{env:NAME\} can stand there"):
        connections(ValueError("x"), {"token": "${secret:keyring:a/b}"}).session("odd.east")


def test_what_a_setting_was_filled_with_is_not_shown() -> None:
    with pytest.raises(DpnError) as told:
        connections(ValueError("bad token s3cr3t"), {"token": "${env:TOKEN}"}).session("odd.east")
    assert "s3cr3t" not in told.value.message
    assert "bad token (hidden)" in told.value.message
