"""What every screen works with: the sessions, their curves, the view, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from storage.home import Home
    from tui.asking import Asker
    from tui.charts.feed import MetricFeed
    from tui.devices.feed import DeviceFeed
    from tui.sessions.board import Board
    from tui.view_settings import ViewMemory


@dataclass(frozen=True)
class Desk:
    """One per app, shared by its screens."""

    home: Home
    data_dir: Path
    """The dataset folder of new sessions."""
    board: Board
    feed: MetricFeed
    views: ViewMemory
    asker: Asker
    devices: DeviceFeed
