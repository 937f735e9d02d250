"""`mnist-tui` without a command: the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.terminal import is_screen, say

if TYPE_CHECKING:
    from tui.setup import Setup

NO_SCREEN = (
    "The screen needs a terminal that can move its cursor (TERM is unset or dumb, or this is a"
    " pipe); `mnist-tui ls` lists the sessions, `mnist-tui --help` every command."
)


def open_screen(setup: Setup) -> int:
    """Open the screen until the user leaves; return the exit code."""
    if not is_screen():
        say(NO_SCREEN)
        return 1
    settings = setup.settings
    setup.home.prepare()
    if setup.supervisor_options:
        setup.connect_or_start().close()
    from tui.app import open_ui  # noqa: PLC0415 — textual, 180 ms

    defaults = {} if settings.device == "auto" else {"device": settings.device}
    farewell = open_ui(setup.home, setup.data_dir, settings.refresh_s, defaults)
    if farewell:
        say(farewell)
    return 0
