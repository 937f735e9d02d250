"""View settings of the user, kept in a file between two runs of the screen."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from mnist_tui.storage.atomic import write_atomic
from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.state.sort_order import Sort

VIEW_FORMAT = 1


class ViewSettings(Struct, frozen=True, kw_only=True):
    """Content of `view.json`; missing fields have their defaults."""

    format: int = VIEW_FORMAT
    theme: str = ""
    """Empty for that of the settings file."""
    sort: Sort = Sort()
    columns: tuple[str, ...] = ()
    """The columns of the session table; empty for the default ones."""
    follows_newest: bool = False
    chart: ChartView = ChartView()
    accuracy_target: Annotated[float, Meta(gt=0, le=1)] | None = None
    """The accuracy to converge to in comparisons, 0..1; None: chosen from the sessions."""


def view_path() -> Path:
    """Return the path of the file: `$XDG_STATE_HOME/mnist-tui/view.json`."""
    folder = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(folder).expanduser() / "mnist-tui" / "view.json"


class ViewMemory:
    """Current view settings, and their file."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the file; a missing, damaged or newer one counts as empty."""
        self._path = path or view_path()
        self._saving = Lock()
        self.settings = _read(self._path)

    def update(self, **changes: object) -> ViewSettings:
        """Change some settings and return all of them; `save` writes them."""
        self.settings = replace(self.settings, **changes)
        return self.settings

    def save(self) -> None:
        """Write the file; on failure the settings are merely not kept.

        Any thread may; of two at once, the one that comes last writes what is newest.
        """
        with self._saving, suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(self._path, msgspec.json.encode(self.settings))


def _read(path: Path) -> ViewSettings:
    with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        settings = msgspec.json.decode(path.read_bytes(), type=ViewSettings)
        if settings.format == VIEW_FORMAT:
            return settings
    return ViewSettings()
