"""The settings of providers and state backends: where `${env:NAME}` may stand in them, and what of them is secret."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dpn import filling, references
from dpn.errors import InputError
from dpn.hidden import Hidden, passwords
from dpn.paths import Path
from dpn.references import Reference

_SOME = "\0"
"""Stands for what a reference stands for."""


def filled(
    settings: Mapping[str, Any], env: Mapping[str, str], hidden: Hidden, whose: str, public: Collection[str] = ()
) -> dict[str, Any]:
    """Give settings with what each `${env:NAME}` stands for, which is hidden from now on; nothing else may stand there.

    One that is `public`, as a region, is not hidden where it is all of the setting: it would spoil every message.
    InputError for a variable that is not set and for another reference; `whose` says what kind of setting it is.
    """

    def value(reference: Reference) -> str:
        if reference.scheme == "env" and env.get(reference.target):
            return env[reference.target]
        refers = f"{whose} refers to ${{{reference.text}}}"
        if reference.scheme != "env":
            message = f"{refers}, and only ${{env:NAME}} can stand there."
            raise InputError(message, hint="Put it into the environment of the command.")
        raise InputError(f"{refers}, which is not set.", hint=f"export {reference.target}=…")

    def one(key: str, setting: Any) -> Any:
        plain = filling.fill(setting, value)
        known = key in public and isinstance(setting, str) and references.is_whole(setting)
        if not (known and not passwords(plain)):
            for _, reference in references.walk(setting):
                hidden.add_whole(value(reference), plain)
        return plain

    return {key: one(key, setting) for key, setting in settings.items()}


def public(schema: Mapping[str, Any]) -> set[str]:
    """Give the settings that a schema has, and does not mark as secret."""
    return {name for name, member in schema.get("properties", {}).items() if not member.get("x-dpn-secret")}


def written_out(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Give the settings that their schema marks `x-dpn-secret` and that are no reference."""
    members = schema.get("properties", {})
    return [
        key
        for key, value in settings.items()
        if members.get(key, {}).get("x-dpn-secret") and not (isinstance(value, str) and references.is_whole(value))
    ]


def with_password(settings: Mapping[str, Any]) -> list[str]:
    """Give the settings in which a password is written out beside other things, as in the address of a database."""
    texts = {key: filling.fill(value, lambda _: _SOME) for key, value in settings.items() if isinstance(value, str)}
    return [key for key, text in texts.items() if any(_SOME not in password for password in passwords(text))]


def misplaced(settings: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield where something else stands in settings than text and `${env:NAME}`, and what is wrong with it."""
    for path, text, _ in references.texts(settings):
        if references.is_open(text):
            yield path, "A ${ is not closed here."
        for one in references.in_text(text):
            if one.scheme != "env" or not references.is_variable(one.target):
                yield path, f"Only ${{env:NAME}} can stand in a setting, and not ${{{one.text}}}."
