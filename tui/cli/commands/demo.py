"""`demo`: two small sessions in a throw-away home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.terminal.output import is_screen

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.option("--plain", "is_plain", is_flag=True, help="Progress lines even on a terminal")
@click.pass_obj
def demo(setup: CliContext, is_plain: bool) -> int:
    """Train two small models on embedded data: no network, nothing kept.

    On a terminal the screen opens on them, otherwise progress is printed line by line.
    """
    from mnist_tui.tui.cli.demo_run import run  # noqa: PLC0415 — what the demo needs, its help does not

    settings = setup.settings
    device = None if settings.device == "auto" else settings.device
    return run(device, settings.refresh_s, has_screen=is_screen() and not is_plain)
