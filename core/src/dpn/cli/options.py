"""The options that commands share, each written once, and the step from them to `dpn.api.Options`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

import click

from dpn import api
from dpn.cli.command import Command
from dpn.cli.session import Session
from dpn.references import ADDRESS
from dpn.world import World

Body = Callable[..., int | None]


class Pair(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """`KEY=VALUE`."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first `=`."""
        if isinstance(value, tuple):
            return value
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, text


class Size(click.ParamType):  # type: ignore[type-arg]  # as above
    """Bytes, or `200MB`."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Give the number of bytes."""
        found = re.fullmatch(r"(\d{1,12})\s*(kB|MB|GB)?", str(value), re.IGNORECASE)
        if not found:
            self.fail(f"{value!r} is no size: a number of bytes, or 200MB", param, ctx)
        return int(found[1]) * {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}[(found[2] or "")[:1].upper()]


def _option(*names: str, **more: Any) -> Callable[[], click.Option]:
    return lambda: click.Option(list(names), **more)


_PATH = click.Path(path_type=Path)
_SHARED: Mapping[str, Callable[[], click.Parameter]] = {
    "file": lambda: click.Argument(["file"], required=False, type=_PATH, metavar="[FILE]"),
    "environment": _option("-e", "--environment", metavar="NAME", help="The environment; else DPN_ENVIRONMENT."),
    "stack": _option("--stack", metavar="KEY", help="The stack, NAME.ENVIRONMENT; else that of the blueprint here."),
    "values_config": _option("--values-config", type=_PATH, help="Read the naming values from this file."),
    "patterns_config": _option("--patterns-config", type=_PATH, help="Read the naming patterns from this file."),
    "overrides": _option(
        "--override", "overrides", type=Pair(), multiple=True, help="Set a naming value over all else; repeatable."
    ),
    "max_size": _option("--max-size", type=Size(), help="Read a blueprint up to this size, as in 200MB."),
    "sandbox": _option("--sandbox", is_flag=True, help="Use the embedded cloud, with a state of its own."),
    "parallelism": _option(
        "--parallelism", type=click.IntRange(1, 1000), metavar="N", help="Calls at once for each provider."
    ),
    "targets": _option(
        "--target", "targets", multiple=True, metavar="GLOB",
        help="Only kinds or addresses like this, and what they need; repeatable.",
    ),
    "includes": _option(
        "--include", "includes", multiple=True, metavar="GLOB",
        help="Narrow the scope to kinds or addresses like this; repeatable.",
    ),
    "excludes": _option(
        "--exclude", "excludes", multiple=True, metavar="GLOB",
        help="Leave kinds or addresses like this out of the scope; repeatable.",
    ),
    "replaced": _option(
        "--replace", "replaced", multiple=True, metavar="ADDRESS", help="Delete it and create it anew; repeatable."
    ),
    "allow_deletes": _option(
        "--allow-deletes", type=click.IntRange(0), metavar="N", help="Agree that up to N resources are deleted."
    ),
    "lock_timeout": _option(
        "--lock-timeout", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Wait for another run to end."
    ),
    "yes": _option("-y", "--yes", is_flag=True, help="Do not ask."),
    "json": _option("--json", is_flag=True, help="Print the result as JSON."),
    "format": _option(
        "--format", type=click.Choice(["text", "json"]), multiple=True, help="How to print the result; else text."
    ),
    "quiet": _option("-q", "--quiet", is_flag=True, help="Print only results and errors."),
    "verbose": _option("-v", "--verbose", is_flag=True, help="Print more."),
}  # fmt: skip

BLUEPRINT = ("environment", "values_config", "patterns_config", "overrides", "max_size")
"""What decides how a blueprint is read and named."""
NAMING = ("environment", "values_config", "patterns_config", "overrides")
SCOPE = ("includes", "excludes")
"""What the run is about; beside the scope of the blueprint."""
CLOUD = ("sandbox", "parallelism")
WRITE = ("lock_timeout", "yes")
OUTPUT = ("json", "format", "quiet", "verbose")
STATE = ("stack", "environment", "sandbox")
"""How a stack is found."""

_LIKE_AN_ADDRESS = re.compile(r"[A-Za-z]\w*\.[A-Za-z][\w-]*(\[[^\[\]]*\])?", re.ASCII)
_OPTIONS = frozenset(
    ("file", *BLUEPRINT, *SCOPE, "targets", *CLOUD, "stack", "replaced", "allow_deletes", "lock_timeout", "offline")
)


def command(
    *shared: str, params: tuple[click.Parameter, ...] = (), examples: tuple[str, ...]
) -> Callable[[Body], Command]:
    """Make a command of a function `(session, options, **own parameters)`; its docstring is the help."""

    def decorate(body: Body) -> Command:
        @click.pass_context
        def run(context: click.Context, /, **given: Any) -> int | None:
            session = _prepared(context.obj, given)
            known = {name: given.pop(name) for name in list(given) if name in _OPTIONS}
            known["overrides"] = dict(known.get("overrides", ()))
            options = api.Options(**known, command=context.command_path, plugins=session.plugins)
            session.hide = options.hidden.hide
            return body(session, options, **given)

        own = [*(_SHARED["file"]() for name in shared if name == "file"), *params]
        own += [_SHARED[name]() for name in shared if name != "file"]
        return Command(
            body.__name__.strip("_"), callback=run, params=own, help=body.__doc__, examples=examples
        )  # fmt: skip

    return decorate


def _prepared(session: Session, given: dict[str, Any]) -> Session:
    """Take what is about printing and asking."""
    session.json = given.pop("json", False)
    session.json = chosen_format(session, given.pop("format", ())) == "json"
    session.yes = given.pop("yes", False)
    session.verbose = given.pop("verbose", False)
    session.console.quiet = given.pop("quiet", False)
    return session


def chosen_format(session: Session, given: tuple[str, ...], otherwise: str = "text") -> str:
    """Give the one format that was asked for, --json among them; UsageError for two."""
    asked = dict.fromkeys((*(("json",) if session.json else ()), *given))
    if len(asked) > 1:
        session.json = "json" in asked  # the error is printed as JSON too
        raise click.UsageError(f"One format at most: {' and '.join(asked)}")
    return next(iter(asked), otherwise)


def told_apart(session: Session, things: tuple[str, ...]) -> tuple[Path | None, tuple[str, ...]]:
    """Tell a FILE from ADDRESSes: by its suffix, else by what an address looks like.

    UsageError for a second file, and for what is none and looks like the address of no kind.
    """
    files = [thing for thing in things if _is_file(thing)]
    for thing in files:
        if _LIKE_AN_ADDRESS.fullmatch(thing) and not _suffixed(thing) and not _is_there(session, Path(thing)):
            raise click.UsageError(f"{thing} is neither a file nor an address in the state; see dpn state list")
    if len(files) > 1:
        raise click.UsageError(f"One FILE at most: {' '.join(files)}")
    return (Path(files[0]) if files else None), tuple(thing for thing in things if thing not in files)


def _is_file(thing: str) -> bool:
    return _suffixed(thing) or not re.fullmatch(ADDRESS, thing)


def _suffixed(thing: str) -> bool:
    return PurePath(thing).suffix in (".json", ".yaml", ".yml")


def _is_there(session: Session, path: Path) -> bool:
    world = session.world or World()
    return world.disk.look(world.cwd / path) is not None


def check_naming(session: Session, options: api.Options) -> None:
    """Refuse naming options where nothing is named, and files that are not there. UsageError.

    For commands that name only what a blueprint declares as existing.
    """
    files = {"--values-config": options.values_config, "--patterns-config": options.patterns_config}
    given = [*(flag for flag, path in files.items() if path), *(("--override",) if options.overrides else ())]
    if options.stack and given:
        raise click.UsageError(f"{given[0]} has no effect with --stack: no blueprint is read, so nothing is named")
    for flag, path in files.items():
        if path and not _is_there(session, path):
            raise click.UsageError(f"{flag}: there is no file {path}")
