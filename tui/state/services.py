"""Services that all screens share: sessions, curves, view settings, requests, devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.tui.charts.metric_feed import MetricFeed
    from mnist_tui.tui.devices.device_feed import DeviceFeed
    from mnist_tui.tui.state.board import Board
    from mnist_tui.tui.state.request_sender import RequestSender
    from mnist_tui.tui.state.view_settings import ViewMemory


@dataclass(frozen=True)
class AppServices:
    """Shared services; one object per app."""

    home: Home
    data_dir: Path
    """The dataset folder of new sessions."""
    board: Board
    feed: MetricFeed
    views: ViewMemory
    sender: RequestSender
    devices: DeviceFeed
