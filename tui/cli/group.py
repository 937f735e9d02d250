"""Command line: global options, and commands that are imported when called."""

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
    from types import ModuleType

    from mnist_tui.training.devices.trace_replay import TraceSampler

COMMANDS = (
    "demo", "new", "clone", "sweep", "study", "ls", "show",
    "pause", "resume", "stop", "kill", "hold", "release",
    "rename", "tag", "note", "pin", "snapshot", "profile", "move", "rm", "wait", "watch",
    "logs", "metrics", "compare", "report", "evaluate", "outliers", "models", "bench", "audit",
    "data", "devices", "supervisor",
)  # fmt: skip
"""All commands, in the order of the help; `commands/NAME.py` defines the command NAME."""


def user_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose text is a sentence for the user; called only after an error."""
    from mnist_tui.training.parameters.settings import SettingsError  # noqa: PLC0415 — 3 ms, the same
    from mnist_tui.training.protocol.client import Refused, Unreachable  # noqa: PLC0415 — 20 ms that `--help` saves

    return StorageError, SettingsError, Refused, Unreachable, OSError


class LazyGroup(click.Group):
    """Group that imports the module of a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(_imported(cmd_name), cmd_name)
        return command


def _imported(name: str) -> ModuleType:
    """Return a module of `commands`, imported by name so that only one command pays for it."""
    return importlib.import_module(f"mnist_tui.tui.cli.commands.{name}")


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
    code: int = _imported("main_screen").open_main_screen(setup)
    return code
