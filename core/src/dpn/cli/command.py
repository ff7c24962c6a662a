"""Commands with examples, and groups that import a command only when it is run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Command(click.Command):
    """A command whose help ends with examples."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*args, **{"context_settings": dict(_SETTINGS), **more})
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; help that cannot be printed is noted on the output, as any result is."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # the parser of options does not say whose they are
            raise
        except OSError as error:
            ctx.obj.console.out.fail(error)
            raise click.exceptions.Exit(0) from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on a line of its own."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  {example}\n")


class Lazy(Command, click.Group):
    """A group that knows its commands by name and help; each is `COMMAND` in the module `home.NAME`.

    With `plugins`, a name that is unknown here is looked for among the installed plugins (group `dpn.commands`).
    """

    def __init__(
        self, name: str, *, sections: Mapping[str, Mapping[str, str]], home: str, plugins: bool = False, **more: Any
    ) -> None:  # fmt: skip
        super().__init__(name=name, **more)
        self._sections, self._home, self._plugins = sections, home, plugins

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names, in the order in which they are shown."""
        return [name for section in self._sections.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name in self.list_commands(ctx):
            found: click.Command = import_module(f"{self._home}.{cmd_name}").COMMAND
            return found
        return _from_plugin(cmd_name) if self._plugins else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names; UsageError says what was meant."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and help texts from the tables."""
        for title, commands in self._sections.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


def _from_plugin(name: str) -> click.Command | None:
    from dpn import api  # noqa: PLC0415 - only an unknown name needs it

    command: click.Command | None = api.plugin_command(name)
    return command
