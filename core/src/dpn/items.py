"""Items: the resources of a blueprint after overlay and for_each, before they have names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dpn import overlay
from dpn.documents import Document
from dpn.envelope import BODY
from dpn.errors import Problem
from dpn.expand import Each, Expander, instances, uses_each_or_all
from dpn.paths import Path, dotted, nearest
from dpn.schemas import Checker

OnDelete = Literal["delete", "archive", "keep"]
_WORDS = ("provider", "name", "id")
_NOT_EXISTING = ("protect", "on_delete", "was")


@dataclass(frozen=True, slots=True)
class Item:
    """One resource that is desired.

    `key` is its key in a `for_each`. `provider` is an alias; None stands for the default alias of the kind's provider.
    `cloud_id` is the literal `id` of an existing one. `path` is where its body stands in the document.
    """

    address: str
    kind: str
    id: str
    key: str | None = None
    naming: Mapping[str, str] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    provider: str | None = None
    protect: bool = False
    on_delete: OnDelete = "delete"
    was: str | None = None
    name: str | None = None
    existing: bool = False
    cloud_id: str | None = None
    path: Path = ()


class Builder:
    """Makes the items of one merged blueprint; `problems` collects what is wrong, by address and field."""

    def __init__(self, document: Document, environment: str, merged: Mapping[str, Any]) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._environment = environment
        self._aliases: Mapping[str, Any] = merged.get("providers", {})
        self._bodies: dict[str, Mapping[str, Any]] = {
            f"{kind}.{name}": body
            for kind, named in merged.get("resources", {}).items()
            for name, body in named.items()
        }
        self._eaches: Mapping[str, Sequence[Each | None]] = {
            address: instances(body["for_each"]) for address, body in self._bodies.items() if "for_each" in body
        }
        self._groups: dict[str, tuple[str, ...] | None] = dict.fromkeys(self._bodies)
        self._groups |= {
            address: tuple(each.key for each in eaches if each) for address, eaches in self._eaches.items()
        }
        self._checker = Checker(BODY)
        self._walk = uses_each_or_all(document.text)

    def items(self) -> Iterator[Item]:
        """Yield the items in the order of their addresses."""
        for address in sorted(self._bodies):
            path = list(overlay.bodies(self._document.data, self._environment, address))[-1]
            for each in self._eaches.get(address, (None,)):
                yield self._item(address, self._bodies[address], each, path)

    def _item(self, base: str, body: Mapping[str, Any], each: Each | None, path: Path) -> Item:
        address = base if each is None else f"{base}[{each.key}]"
        if each or self._walk:
            body = self._expanded(address, body, each)
        self._check(address, body)
        kind, _, name = base.partition(".")
        return Item(
            address,
            kind,
            name,
            each.key if each else None,
            body.get("naming", {}),
            body.get("spec", {}),
            tuple(body.get("needs", ())),
            body.get("provider"),
            body.get("protect", False),
            body.get("on_delete", "delete"),
            body.get("was"),
            body.get("name"),
            body.get("existing", False),
            body.get("id"),
            path,
        )

    def _expanded(self, address: str, body: Mapping[str, Any], each: Each | None) -> Mapping[str, Any]:
        """Give the body of one instance: its variable joins the naming, and all texts are expanded."""

        def report(path: Path, code: str, message: str, hint: str | None) -> None:
            self.problems.append(Problem(code, message, address, dotted(path), hint=hint))

        expander = Expander(each, self._groups, report)
        naming = {key: expander.word(text, ("naming", key)) for key, text in body.get("naming", {}).items()}
        if each and naming.get(each.variable, each.key) != each.key:
            report(
                ("naming", each.variable), "FOR-EACH", f"for_each gives {each.variable} already.", "Leave it out here."
            )
        new = {key: value for key, value in body.items() if key != "for_each"}
        new["naming"] = {**naming, each.variable: each.key} if each else naming
        new["spec"] = expander.value(body.get("spec", {}), ("spec",))
        for key in _WORDS:
            if key in body:
                new[key] = expander.word(body[key], (key,))
        if "was" in body:
            new["was"] = expander.indexed(expander.word(body["was"], ("was",)), ("was",))
        if "needs" in body:
            needs = [
                one for index, text in enumerate(body["needs"]) for one in expander.address(text, ("needs", index))
            ]
            new["needs"] = sorted(set(needs))
        self.problems += [
            Problem("SCHEMA", one.message, address, dotted(one.path), expected=one.expected, hint=one.hint)
            for one in self._checker.violations(new)
        ]
        return new

    def _check(self, address: str, body: Mapping[str, Any]) -> None:
        """Report what no schema can say of one body."""
        if body.get("existing") and not ("name" in body or "id" in body):
            hint = 'Give its "name", or its "id".'
            self._add("EXISTING", "It is not said which existing thing is meant.", address, "existing", hint)
        if "id" in body and not body.get("existing"):
            hint = 'Add "existing": true, or remove the id: the cloud gives one.'
            self._add("EXISTING", "Only an existing resource has an id.", address, "id", hint)
        for key in _NOT_EXISTING if body.get("existing") else ():
            if key in body:
                self._add(
                    "EXISTING",
                    f"An existing resource is never changed: {key} has no meaning.",
                    address,
                    key,
                    "Remove it.",
                )
        for key in _reserved_tags(body.get("spec", {})):
            self._add(
                "TAG-RESERVED", "Tags that begin with dpn are dpn's own.", address, dotted(("spec", "tags", key)), None
            )
        if "provider" in body:
            self._check_alias(address, body["provider"])

    def _check_alias(self, address: str, alias: str) -> None:
        provider = address.partition("_")[0]
        if alias.partition(".")[0] != provider:
            hint = f"An alias of this kind is {provider}, or begins with `{provider}.`"
            self._add("PROVIDER", f"{alias} is no alias of the provider {provider}.", address, "provider", hint)
        elif "." in alias and alias not in self._aliases:
            near = nearest(alias, self._aliases)
            hint = f"Did you mean {near!r}?" if near else f'Add "{alias}" to the providers.'
            self._add("PROVIDER", f"The alias {alias} is not among the providers.", address, "provider", hint)

    def _add(self, code: str, message: str, address: str, field: str, hint: str | None) -> None:
        self.problems.append(Problem(code, message, address, field, hint=hint))


def _reserved_tags(spec: Mapping[str, Any]) -> Iterator[str]:
    tags = spec.get("tags")
    if isinstance(tags, Mapping):
        yield from (key for key in tags if key.lower().startswith("dpn"))
