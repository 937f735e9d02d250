"""The command line: global options, and each command loaded only when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.home import find_home
from mnist_tui.tui.cli.context import CliContext
from mnist_tui.tui.cli.types import Seconds, open_trace
from mnist_tui.tui.terminal.output import write_ascii_only
from mnist_tui.tui.terminal.theme_names import THEME_NAMES

if TYPE_CHECKING:
    from mnist_tui.training.devices.trace_replay import TraceSampler

COMMANDS = {
    "demo": "mnist_tui.tui.cli.commands.demo:demo",
    "new": "mnist_tui.tui.cli.commands.new:new",
    "clone": "mnist_tui.tui.cli.commands.clone:clone",
    "sweep": "mnist_tui.tui.cli.commands.sweep:sweep",
    "study": "mnist_tui.tui.cli.commands.study:study",
    "ls": "mnist_tui.tui.cli.commands.ls:ls",
    "show": "mnist_tui.tui.cli.commands.show:show",
    "pause": "mnist_tui.tui.cli.commands.change:pause",
    "resume": "mnist_tui.tui.cli.commands.change:resume",
    "stop": "mnist_tui.tui.cli.commands.change:stop",
    "kill": "mnist_tui.tui.cli.commands.change:kill",
    "hold": "mnist_tui.tui.cli.commands.change:hold",
    "release": "mnist_tui.tui.cli.commands.change:release",
    "rename": "mnist_tui.tui.cli.commands.labels:rename",
    "tag": "mnist_tui.tui.cli.commands.labels:tag",
    "note": "mnist_tui.tui.cli.commands.labels:note",
    "pin": "mnist_tui.tui.cli.commands.labels:pin",
    "snapshot": "mnist_tui.tui.cli.commands.snapshot:snapshot",
    "profile": "mnist_tui.tui.cli.commands.profile:profile",
    "move": "mnist_tui.tui.cli.commands.move:move",
    "rm": "mnist_tui.tui.cli.commands.change:rm",
    "wait": "mnist_tui.tui.cli.commands.wait:wait",
    "watch": "mnist_tui.tui.cli.commands.watch:watch",
    "logs": "mnist_tui.tui.cli.commands.logs:logs",
    "metrics": "mnist_tui.tui.cli.commands.logs:metrics",
    "compare": "mnist_tui.tui.cli.commands.compare:compare_sessions",
    "report": "mnist_tui.tui.cli.commands.report:report",
    "evaluate": "mnist_tui.tui.cli.commands.evaluate:evaluate",
    "outliers": "mnist_tui.tui.cli.commands.outliers:outliers",
    "models": "mnist_tui.tui.cli.commands.models:models",
    "bench": "mnist_tui.tui.cli.commands.bench:bench",
    "audit": "mnist_tui.tui.cli.commands.audit:audit",
    "data": "mnist_tui.tui.cli.commands.data:data",
    "devices": "mnist_tui.tui.cli.commands.devices:devices",
    "supervisor": "mnist_tui.tui.cli.commands.supervisor:supervisor",
}
"""Where each command is, in the order of the help."""
SCREEN = "mnist_tui.tui.cli.commands.open_screen:open_screen"
"""Run without a command; imported only then, as Textual takes 180 ms."""


def user_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose text is a sentence for the user; asked only when one was raised."""
    from mnist_tui.training.parameters.settings import SettingsError  # noqa: PLC0415 — 3 ms, the same
    from mnist_tui.training.protocol.client import Refused, Unreachable  # noqa: PLC0415 — 20 ms that `--help` saves

    return StorageError, SettingsError, Refused, Unreachable, OSError


class LazyGroup(click.Group):
    """Imports the module of a command when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = _imported(COMMANDS[cmd_name])
        return command


def _imported(reference: str) -> Any:
    """Return what `module:attribute` names, imported now."""
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--home", metavar="DIR", help="Where sessions are kept  [env: MNIST_TUI_HOME]")
@click.option("--data-dir", metavar="DIR", help="Dataset folder  [env: MNIST_TUI_DATA]")
@click.option(
    "--slots", type=click.IntRange(1, 256), help="Sessions at the same time, for a new supervisor"
)
@click.option(
    "--mirror",
    metavar="URL",
    help="Where datasets and weights are downloaded, for a new supervisor",
)
@click.option("--device", metavar="DEVICE", help="Device of new sessions that name none")
@click.option(
    "--refresh",
    "refresh_s",
    type=Seconds(0.2, 60.0),
    help="Seconds between two readings of the screen's metrics",
)
@click.option("--theme", type=click.Choice(THEME_NAMES), help="Colours of the screens")
@click.option(
    "--ascii/--no-ascii",
    default=None,
    help="Nothing but ASCII in all output  [env: MNIST_TUI_ASCII]",
)
@click.option(
    "--devices-from",
    metavar="FILE",
    callback=open_trace,
    help="Show a recorded machine instead of this one's devices",
)
@click.version_option(package_name="mnist-tui")
@click.pass_context
def cli(
    ctx: click.Context, /, home: str | None, devices_from: TraceSampler | None, **given: Any
) -> int | None:
    """Train image classifiers from the terminal: many at once, watched live, resumed exactly.

    Without a command the screen opens. IDs are the numbers that `new` printed and `ls` shows.
    """
    named = {key: value for key, value in given.items() if value is not None}
    setup = ctx.obj = CliContext(home=find_home(home), given=named, devices_from=devices_from)
    write_ascii_only(setup.wants_ascii)
    if ctx.invoked_subcommand is not None:
        return None
    code: int | None = _imported(SCREEN)(setup)
    return code
