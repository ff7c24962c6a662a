"""All hooks of dpn. Each docstring is the hook's whole documentation; docs/reference/hooks.md is made from it.

The hooks for create, read, update, delete and rollback take *wrappers only*: core dispatches each call to the one
kind that owns it, and a plugin may stand around that call. Everything passed is frozen data that can be written as
JSON; no client and no handler is ever passed.
"""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from dpn.extensions import BackendType, Convention, NameRequest, Transform
    from dpn.model import Change, Event, Observed, Plan, Problem, Query, Receipt, Resource
    from dpn.provider import KindInfo, Provider

hookspec = pluggy.HookspecMarker("dpn")
hookimpl = pluggy.HookimplMarker("dpn")

WRAPPER_ONLY = ("dpn_read", "dpn_create", "dpn_update", "dpn_delete", "dpn_rollback")


@hookspec
def dpn_providers() -> Iterable[Provider]:
    """Offer providers.

    Called once when a kind of this provider is used. Must not connect and must not import an SDK.

    Example::

        @hookimpl
        def dpn_providers():
            yield Provider(name="acme", kinds=(Table,), connect=connect, errors=errors)
    """


@hookspec
def dpn_conventions() -> Iterable[Convention]:
    """Offer packaged naming schemes, each chosen by its name with `use:` in naming-patterns.yaml.

    `use: NAME` imports the plugin that is registered as NAME in the group `dpn.naming`, asks it all its hooks, and
    takes the convention NAME; a plugin that offers none may still bring filters and names. What the file says itself
    wins over the convention, and that wins over the patterns of the providers.

    Example::

        @hookimpl
        def dpn_conventions():
            yield Convention("acme", patterns={"aws_s3_bucket": "{team}-{purpose}-{environment}"})
    """


@hookspec
def dpn_transforms() -> Mapping[str, Transform]:
    """Offer filters for patterns, by name; a name that core or another plugin has is refused.

    A filter is written `{name|FILTER}` or `{name|FILTER:ARG}`. A ValueError refuses the value with its text. Each
    answer is held to what `Transform` declares: text of the `charset`, one word for `word`, and no two known values of
    a variable alike unless it is `lossy`.

    Example::

        @hookimpl
        def dpn_transforms():
            return {"initials": Transform(lambda value, arg: "".join(w[0] for w in value.split("-")), word=True)}
    """


@hookspec(firstresult=True)
def dpn_name(request: NameRequest) -> str | None:
    """Give the name of one resource, or None to let the pattern decide.

    Called for each resource while naming, except those that the blueprint names itself. The answer is still checked by
    the kind's rule and by the limits of the patterns file. Raise `dpn.InputError` to say that these values give no
    name: the user sees it with the address, beside all other problems; any other exception ends the command.

    Example::

        @hookimpl
        def dpn_name(request):
            if request.kind == "aws_s3_bucket":
                return f"acme-{request.values['cost_center'].lower()}-{request.values['purpose']}"
    """


@hookspec
def dpn_validate(resources: tuple[Resource, ...]) -> Iterable[Problem]:
    """Report what is wrong with the desired resources.

    Called once, after naming and before anything remote. Every plugin is asked; an error stops the run. Yield, do not
    raise: the user sees all problems at once.

    Example::

        @hookimpl
        def dpn_validate(resources):
            for resource in resources:
                if "owner" not in resource.spec.get("tags", {}):
                    yield Problem("ACME-OWNER", "The tag owner is missing.", resource.address, "spec.tags")
    """


@hookspec
def dpn_review(plan: Plan) -> Iterable[Problem]:
    """Judge the finished plan; an error refuses it with exit code 3.

    Called once for each plan, before anything is written.

    Example::

        @hookimpl
        def dpn_review(plan):
            for change in plan.changes:
                if change.action == "delete" and plan.environment == "prd":
                    yield Problem("ACME-KEEP", "Nothing is deleted in production.", change.address)
    """


@hookspec(firstresult=True)
def dpn_read(query: Query, kind: KindInfo) -> tuple[Observed, ...]:
    """Stand around each read or list; **wrapper only**.

    Example::

        @hookimpl(wrapper=True)
        def dpn_read(query, kind):
            found = yield
            print(query.method, query.kind, len(found))
            return found
    """


@hookspec(firstresult=True)
def dpn_create(change: Change, kind: KindInfo) -> Receipt:
    """Stand around each call of a create and of the second half of a replace; **wrapper only**.

    `change.step` tells which call it is: the create itself, then each put. Raise *before* the yield to refuse:
    nothing is sent and the transaction is undone. What happens after the yield cannot change the outcome: the
    receipt is durable by then. After a create with a fault it says `unknown`: core looks once more before it concludes.

    Example::

        @hookimpl(wrapper=True)
        def dpn_create(change, kind):
            if change.want.naming.get("environment") == "prd":
                raise RuntimeError("production is frozen")
            return (yield)
    """


@hookspec(firstresult=True)
def dpn_update(change: Change, kind: KindInfo) -> Receipt:
    """Stand around each call that keeps the id: update, rename, adopt, archive, restore; **wrapper only**.

    See `change.action` and `change.step`.

    Example::

        @hookimpl(wrapper=True)
        def dpn_update(change, kind):
            receipt = yield
            print(change.address, receipt.outcome)
            return receipt
    """


@hookspec(firstresult=True)
def dpn_delete(change: Change, kind: KindInfo) -> Receipt:
    """Stand around each delete and the first half of a replace; **wrapper only**.

    Example::

        @hookimpl(wrapper=True)
        def dpn_delete(change, kind):
            if kind.data_bearing:
                raise RuntimeError("ask the data office first")
            return (yield)
    """


@hookspec(firstresult=True)
def dpn_rollback(receipt: Receipt, undo: Change, kind: KindInfo) -> Receipt:
    """Stand around each call that undoes; **wrapper only**.

    `receipt` is of the call that is undone, `undo.step` the call that undoes it.

    Example::

        @hookimpl(wrapper=True)
        def dpn_rollback(receipt, undo, kind):
            print("undoing", receipt.address, receipt.step)
            return (yield)
    """


@hookspec
def dpn_backends() -> Iterable[BackendType]:
    """Offer places to keep state, chosen with `state: {backend: NAME}` in config.yaml.

    Offer a store with compare-and-swap (`dpn.Objects`), and core keeps lock, journal, state and history in it; prove it
    with `dpn.testing.ObjectsConformance`. With `open` a plugin gives a backend of its own.

    Example::

        @hookimpl
        def dpn_backends():
            yield BackendType("acme", objects=lambda world, settings: AcmeObjects(settings["url"]))
    """


@hookspec
def dpn_event(event: Event) -> None:
    """Hear what happens in a run.

    Events come in order, from one thread of their own; a listener that is slow or raises delays and breaks nothing.

    Example::

        @hookimpl
        def dpn_event(event):
            print(event.type, event.address, event.outcome)
    """
