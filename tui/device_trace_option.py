"""A recorded machine as an option's value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.errors import StorageError
from tui.inert import inert

if TYPE_CHECKING:
    from training.trace_sampler import TraceSampler


class DeviceTrace(click.ParamType):
    """A file that `python -m training.device_trace` recorded."""

    name = "device trace"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> TraceSampler:
        """Return the recording, ready to be replayed, or refuse the file."""
        from training.device_trace import read_trace  # noqa: PLC0415 — 10 ms where it is not given
        from training.trace_sampler import TraceSampler  # noqa: PLC0415 — the same

        path = Path(value).expanduser()
        try:
            return TraceSampler(read_trace(path), source=path.name)
        except StorageError as error:
            self.fail(inert(error), param, ctx)
