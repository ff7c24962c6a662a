"""One command from its arguments to its exit code: what it is given, and how each way to end is shown."""

from __future__ import annotations

import errno
import json
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from dpn import report
from dpn.cli.console import Console
from dpn.errors import DpnError, RefusedError, StoppedError
from dpn.report import Line

if TYPE_CHECKING:
    from dpn.api import Options
    from dpn.world import World

CHANGES, USAGE, INTERRUPTED, BUG = 2, 64, 130, 70


@dataclass
class Session:
    """What every command is handed. A `world` and `plugins` of its own let a test run it in this process.

    changed: the command has changed something, so that its exit code tells of that and of nothing else. hide: takes
    the secrets of the command out of a text.
    """

    world: World | None = None
    plugins: tuple[Any, ...] = ()
    console: Console = field(default_factory=Console)
    json: bool = False
    verbose: bool = False
    yes: bool = False
    changed: bool = False
    hide: Callable[[str], str] = str
    _printed: bool = field(default=False, init=False)

    def run(self, root: click.Command, arguments: Sequence[str]) -> int:
        """Run a command and give its exit code.

        A result that cannot be written is an error, unless its reader has gone; what was `changed` keeps its code.
        """
        code, lost = self._ended(root, arguments), self.console.out.broken
        if lost is None or lost.errno == errno.EPIPE:
            return code
        self.console.complain(Line(f"error: The result could not be written: {lost.strerror or lost}.", "error"))
        return code if self.changed or code not in (0, CHANGES) else DpnError.exit_code

    def _ended(self, root: click.Command, arguments: Sequence[str]) -> int:
        try:
            self._switch_on_failpoints()
            with root.make_context("dpn", list(arguments), obj=self) as context:
                return int(root.invoke(context) or 0)
        except click.exceptions.Exit as end:
            return end.exit_code
        except click.UsageError as error:
            self._usage(error)
            return USAGE
        except DpnError as error:
            return self._failed(error)
        except (KeyboardInterrupt, click.Abort):
            self.console.complain("Interrupted.")
            return INTERRUPTED
        except Exception:  # noqa: BLE001 - a bug of ours: shown whole, with a code of its own
            self._bug()
            return BUG

    def _switch_on_failpoints(self) -> None:
        """Let a test that asks for it in the environment stop this command at named points."""
        env = self.world.env if self.world else os.environ
        if "DPN_FAILPOINT" not in env:
            return
        from dpn.testing import failpoints  # noqa: PLC0415 - nobody but a test pays for it
        from dpn.world import World  # noqa: PLC0415 - as above

        world = self.world or World()
        if points := failpoints.switched_on(world, env):
            self.world, self.plugins = points.world, (*self.plugins, points)
            self.console.complain(f"Failpoints are on: {failpoints.VARIABLE}={env[failpoints.VARIABLE]}")

    def _usage(self, error: click.UsageError) -> None:
        """Say what is wrong with the arguments, and the command that tells more."""
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            self.console.complain(error.format_message())
            return
        path = error.ctx.command_path if error.ctx else "dpn"
        self.console.complain(Line(f"error: {error.format_message()}", "error"), f"  See: {path} --help")
        if self.json:
            self.print_json(report.error_data(DpnError(error.format_message()), USAGE))

    def _failed(self, error: DpnError) -> int:
        code = 128 + error.signal if isinstance(error, StoppedError) else error.exit_code
        self.console.complain(*report.error_lines(error))
        if self.json:
            self.print_json(report.error_data(error, code))
        return code

    def _bug(self) -> None:
        import traceback  # noqa: PLC0415 - only here

        self.console.err.write(self.hide(traceback.format_exc()))
        self.console.complain(
            Line("This is a bug in dpn. Please report it, with the lines above and `dpn doctor`.", "error"),
            "  If it happened while something was being changed: dpn recover",
        )

    def print_json(self, data: Any) -> None:
        """Print JSON, and nothing but ASCII: what comes from files or a cloud cannot move a cursor."""
        if not self._printed:  # one document is what a machine can read
            self.console.out.write(json.dumps(data, indent=2) + "\n")
        self._printed = True

    def confirm(self, question: str) -> None:
        """Go on if a person says yes, or if --yes did; RefusedError if not."""
        if self.yes:
            return
        answer = self.console.ask(f"{question} (yes/no)", "Look at it, then say so: --yes")
        if answer.lower() not in ("y", "yes"):
            raise RefusedError("The answer was not yes; nothing was changed.")


def again(command: str, options: Options, *more: str) -> str:
    """Give another command for the same blueprint, environment and cloud, ready to be pasted."""
    words = ["dpn", *command.split(), *([str(options.file)] if options.file else [])]
    chosen = {"--stack": options.stack, "--environment": options.environment, "--values-config": options.values_config,
              "--patterns-config": options.patterns_config}  # fmt: skip
    words += [word for name, value in chosen.items() if value is not None for word in (name, str(value))]
    many = {"--target": options.targets, "--include": options.includes, "--exclude": options.excludes,
            "--replace": options.replaced,
            "--override": [f"{key}={value}" for key, value in options.overrides.items()]}  # fmt: skip
    words += [word for name, values in many.items() for value in values for word in (name, value)]
    words += [] if options.allow_deletes is None else ["--allow-deletes", str(options.allow_deletes)]
    return shlex.join([*words, *(["--sandbox"] if options.sandbox else []), *more])
