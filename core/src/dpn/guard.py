"""What stands in the way of a plan: guards against wrong input, missing credentials, and deleting too much."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dpn import paths, references, schemas
from dpn.connections import Connections
from dpn.errors import DpnError, PluginError, Problem
from dpn.model import Change, Plan, Record, Resource
from dpn.plan import Inputs
from dpn.plugins import Plugins
from dpn.provider import KindInfo, Provider
from dpn.settings import misplaced, with_password, written_out

FREE_DELETES = 10
SMALL_STACK = 5
"""A plan that deletes more than the first, or over half of a stack of at least the second, needs --allow-deletes."""


def unknown_kind(kind: str, address: str, kinds: Iterable[str]) -> Problem:
    """Say that an installed provider has no such kind."""
    near = paths.nearest(kind, kinds)
    return Problem(
        "KIND-UNKNOWN", f"{kind} is no kind of provider {kind.partition('_')[0]!r}.", address,
        hint=f"Did you mean {near}?" if near else "See: dpn plugins list",
    )  # fmt: skip


def provider_settings(
    settings: Mapping[str, Mapping[str, Any]], resources: Iterable[Resource], plugins: Plugins
) -> list[Problem]:
    """Hold the settings of each alias against its provider's schema; one in use that has none is held to it as well."""
    used = {resource.provider for resource in resources if plugins.kinds[resource.kind].provisions}
    out: list[Problem] = []
    for alias in sorted({*settings, *used}):
        provider = plugins.providers.get(alias.partition(".")[0])
        for found in schemas.violations(settings.get(alias, {}), provider.config_schema) if provider else ():
            field = paths.dotted(("providers", alias, *found.path))
            out.append(Problem("SCHEMA", found.message, field=field, expected=found.expected, hint=found.hint))
        schema = provider.config_schema if provider else {}
        out += _settings(settings.get(alias, {}), schema, ("providers", alias))
    return out


def _settings(settings: Mapping[str, Any], schema: Mapping[str, Any], where: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with references and secrets in settings."""
    for path, message in misplaced(settings):
        yield Problem("REF-SETTING", message, field=paths.dotted((*where, *path)), hint="Write $${ for a literal ${.")
    for key in written_out(settings, schema):
        message = "A secret is written out here; a saved plan would hold it, and so does the file itself."
        yield Problem("SECRET", message, field=paths.dotted((*where, key)), expected="${env:NAME}")


def state_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Problem]:
    """Hold the settings of the state backend in a blueprint against what is known of their secrets."""
    out = list(_settings(settings, schema, ("state",)))
    for key in with_password(settings):
        message = "A password is written out here; a saved plan would hold it, and so does the file itself."
        out.append(Problem("SECRET", message, field=paths.dotted(("state", key)), hint="Write ${env:NAME} for it."))
    return out


def known_kinds(records: Iterable[Record], kinds: Mapping[str, KindInfo]) -> None:
    """Raise PluginError if the installed plugins no longer have the kind of a record."""
    for record in records:
        if record.kind not in kinds:
            maker = record.plugin or f"a plugin for {record.kind.partition('_')[0]}"
            raise PluginError(
                f"{record.address} was made with {maker}; what is installed now has no kind {record.kind}.",
                hint=(
                    f"Install the version that made it: pip install '{maker.replace(' ', '==')}'"
                    if record.plugin
                    else ""
                ),
            )


def secrets(resources: Iterable[Resource], providers: Iterable[Provider]) -> list[Problem]:
    """Refuse secrets of a scheme that no provider in use knows, and those that have not the form that it says."""
    using = list(providers)
    known = {scheme for provider in using for scheme in provider.secrets}
    forms = {scheme: form for provider in using for scheme, form in provider.secret_forms.items()}
    return [
        replace(problem, address=resource.address, field=paths.dotted(("spec", *path)))
        for resource in resources
        for path, reference in references.walk(resource.spec)
        if reference.scheme == "secret" and (problem := _secret(reference.target, known, forms))
    ]


def _secret(target: str, known: Collection[str], forms: Mapping[str, tuple[str, str]]) -> Problem | None:
    scheme, _, rest = target.partition(":")
    if scheme not in known:
        hint = f"Known: {', '.join(['env', *sorted(known)])}."
        return Problem("REF-SECRET", f"No provider in use knows the secret scheme {scheme!r}.", hint=hint)
    expression, words = forms.get(scheme, (".*", ""))
    if re.fullmatch(expression, rest, re.DOTALL):
        return None
    return Problem("REF-SECRET", f"{rest} names no secret of {scheme}.", expected=f"${{secret:{scheme}:{words}}}")


def unset(resources: Iterable[Resource], env: Mapping[str, str]) -> list[Problem]:
    """Refuse what refers to a variable of the environment that is not set, before anything is sent."""
    return [
        Problem(
            "REF-ENV", f"The environment variable {reference.target} is not set.", resource.address,
            paths.dotted(("spec", *path)), hint=f"export {reference.target}=…",
        )
        for resource in resources
        for path, reference in references.walk(resource.spec)
        if reference.scheme == "env" and not env.get(reference.target)
    ]  # fmt: skip


def connect(connections: Connections, inputs: Inputs) -> tuple[dict[str, str], list[Problem]]:
    """Connect each alias in use, ask what would make every call fail; give its account, and warnings.

    The first moment at which an SDK is imported. Raises DpnError when a cloud cannot be used, or when an alias leads to
    another account than the records were made in.
    """
    things: list[Resource | Record] = [*inputs.resources, *inputs.records.values()]
    problems: list[Problem] = []
    accounts: dict[str, str] = {}
    for alias, region in sorted({(thing.provider, thing.region) for thing in things}, key=str):
        if alias not in accounts:
            accounts[alias], found = _account(connections, alias, region)
            problems += found
    if any(problem.severity == "error" for problem in problems):
        raise DpnError("A provider cannot be used; nothing was changed.", problems=tuple(dict.fromkeys(problems)))
    for record in inputs.records.values():
        _same_account(record, accounts.get(record.provider, ""))
    return accounts, problems


def _account(connections: Connections, alias: str, region: str | None) -> tuple[str, list[Problem]]:
    try:
        found = connections.preflight(alias, region)
        return "" if found else connections.identity(alias, region).account, found
    except DpnError:
        raise
    except Exception as error:
        said = connections.hidden.hide(f"{type(error).__name__}: {error}")
        raise DpnError(
            f"Provider {alias!r} cannot be used: {said}. Nothing was changed.",
            hint="Check its settings and credentials.",
        ) from error


def _same_account(record: Record, account: str) -> None:
    if record.account and account and account != record.account:
        raise DpnError(
            f"{record.address} was made in account {record.account}; the credentials now lead to {account}.",
            hint="Choose the profile or credentials of the first, or another environment.",
        )


def deletions(plan: Plan, inputs: Inputs, allowed: int | None) -> list[Problem]:
    """Refuse a plan that deletes suspiciously much; where only names change, that is what is lost with its old name."""
    doomed = [change for change in plan.changes if _is_lost(change, inputs)]
    count, stack = len(doomed), len(inputs.records)
    if allowed is not None and count <= allowed:
        return []
    shared = {*inputs.outside, *(resource.address for resource in inputs.resources)} & set(inputs.records)
    if (
        allowed is None
        and count <= FREE_DELETES
        and not (stack >= SMALL_STACK and count * 2 > stack)
        and (shared or not count)
    ):
        return []
    why = f"of {stack}" if shared else f"of {stack}, and the blueprint shares no address with the stack"
    return [
        Problem(
            "TOO-MANY-DELETES", f"The plan would delete {count} resources {why}.",
            hint=f"If that is meant: --allow-deletes {count}",
        )
    ]  # fmt: skip


def _is_lost(change: Change, inputs: Inputs) -> bool:
    """Tell whether something goes; a definition that is copied to its new name does not, and mere deletes wait."""
    if inputs.copied is None:
        return change.action in ("delete", "replace")
    copied = inputs.kinds[change.kind].rename_how == "copy" and change.address not in inputs.replaced
    return change.action == "replace" and not copied
