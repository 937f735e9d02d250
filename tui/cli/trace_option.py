"""A recorded machine as an option's value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.training.devices.trace_replay import TraceSampler


def open_trace(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> TraceSampler | None:
    """Return a recording, ready to be replayed; None where none was named.

    Raises:
        click.BadParameter: The file is no recording.
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
