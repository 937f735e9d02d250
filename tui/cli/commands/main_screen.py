"""`mnist-tui` without a command: the screen, or the plain list on a terminal without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.terminal.output import is_screen, say
from mnist_tui.tui.terminal.theme_names import THEME_NAMES

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext

NO_SCREEN = (
    "This terminal cannot show the screen (TERM is unset or dumb, or this is a pipe);"
    " `mnist-tui watch ID` follows a session line by line, `mnist-tui --help` lists every command."
)


def open_main_screen(setup: CliContext) -> int:
    """Open the screen until the user leaves; return the exit code."""
    if not is_screen():
        return _list_sessions(setup)
    settings = setup.settings
    setup.home.prepare()
    if setup.supervisor_options:
        setup.connect_or_start().close()
    from mnist_tui.tui.app import startup  # noqa: PLC0415 — before Textual loads

    startup.configure_memory()
    startup.configure_latency()
    from mnist_tui.tui.app.app import open_ui  # noqa: PLC0415 — textual, 180 ms
    from mnist_tui.tui.devices.device_feed import DeviceFeed  # noqa: PLC0415 — the same
    from mnist_tui.tui.state.view_settings import ViewMemory  # noqa: PLC0415 — the same

    defaults = {} if settings.device == "auto" else {"device": settings.device}
    views = ViewMemory()
    trace = setup.devices_from
    ending = open_ui(
        setup.home,
        setup.data_dir,
        settings.refresh_s,
        defaults,
        _theme(setup, views.settings.theme),
        DeviceFeed(trace, source=trace.source) if trace else DeviceFeed(),
        views,
    )
    if ending.sentence:
        say(ending.sentence)
    return 1 if ending.is_failure else 0


def _theme(setup: CliContext, remembered: str) -> str:
    """Return the theme given as an option, else the last choice, else that of the settings."""
    given = setup.given.get("theme")
    if not given and remembered in THEME_NAMES:
        return remembered
    name = str(given or setup.settings.theme)
    if name not in THEME_NAMES:
        raise click.UsageError(
            f"there is no theme {name!r}; choose one of {', '.join(THEME_NAMES)}"
        )
    return name


def _list_sessions(setup: CliContext) -> int:
    from mnist_tui.tui.cli.commands.ls import ls  # noqa: PLC0415 — only where there is no screen

    click.get_current_context().invoke(ls)
    say(NO_SCREEN)
    return 0
