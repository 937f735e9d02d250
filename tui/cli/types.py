"""Types of option values: seconds, and a recorded machine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.training.devices.trace_replay import TraceSampler


class Seconds(click.FloatRange):
    """Seconds within limits; `nan` is refused."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds as a number, or refuse the text."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


def open_trace(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> TraceSampler | None:
    """Return the recorded machine of a file, or None if the option is absent.

    Raises:
        click.BadParameter: The file is not a recording.
    """
    if value is None:
        return None
    from mnist_tui.training.devices.device_trace import read_trace  # noqa: PLC0415 — 10 ms where it is not given
    from mnist_tui.training.devices.trace_replay import TraceSampler  # noqa: PLC0415 — the same

    path = Path(value).expanduser()
    try:
        return TraceSampler(read_trace(path), source=path.name)
    except StorageError as error:
        raise click.BadParameter(printable(error), ctx, param) from error
