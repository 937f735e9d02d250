"""Driver of the screen for tests: an app on a real supervisor, keys, and waits."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mnist_tui.storage.home import Home
from mnist_tui.tui.app.app import MnistTuiApp
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.devices.device_feed import DeviceFeed
from mnist_tui.tui.state.board import Board
from mnist_tui.tui.state.request_sender import RequestSender
from mnist_tui.tui.state.services import AppServices
from mnist_tui.tui.state.supervisor_link import Link
from mnist_tui.tui.state.view_settings import ViewMemory
from tests.deadlines import patient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from textual.pilot import Pilot

    from mnist_tui.storage.records import SessionRecord, SessionState
    from tests.harness import Workspace

SIZES = [(80, 24), (160, 45)]
REFRESH_S = 0.2


def app_of(workspace: Workspace, **defaults: str) -> MnistTuiApp:
    """Return the app over the home of `workspace`; `defaults` is what the form says at first."""
    return MnistTuiApp(workspace.home, workspace.data_dir, REFRESH_S, defaults)


def services_in(
    folder: Path, records: Iterable[SessionRecord] = (), devices: DeviceFeed | None = None
) -> AppServices:
    """Return the services of a home that no supervisor serves."""
    home, board = Home(folder), Board()
    board.replace(records)
    sender = RequestSender(Link(home, lambda _message: None).request)
    views = ViewMemory(folder / "view.json")
    return AppServices(
        home, folder, board, MetricFeed(home), views, sender, devices or DeviceFeed()
    )


@asynccontextmanager
async def opened(
    workspace: Workspace, size: tuple[int, int], text: str
) -> AsyncIterator[tuple[MnistTuiApp, Pilot[str]]]:
    """Open the screen, connected and with `text` in sight; yields the app and who presses keys."""
    app = app_of(workspace)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until_seen(pilot, text)
        await until(pilot, lambda: app._is_connected, "connected")
        yield app, pilot


async def until(
    pilot: Pilot[str], condition: Callable[[], object], what: str, timeout_s: float = 30
) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + patient(timeout_s)
    while not condition():
        assert time.monotonic() < deadline, (
            f"not within {patient(timeout_s)} s: {what}\n{seen(pilot.app)}"
        )
        await pilot.pause(0.02)


def seen(app: object) -> str:
    """Return the screen as text."""
    assert isinstance(app, MnistTuiApp)
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def until_seen(pilot: Pilot[str], text: str) -> None:
    """Wait until `text` is on the screen."""
    await until(pilot, lambda: text in seen(pilot.app), f"{text!r} is on the screen")


async def until_gone(pilot: Pilot[str], text: str) -> None:
    """Wait until `text` is no longer on the screen."""
    await until(pilot, lambda: text not in seen(pilot.app), f"{text!r} is gone")


async def until_told(pilot: Pilot[str], sentence: str) -> None:
    """Wait for a toast; on the screen its lines are broken."""
    await until(
        pilot,
        lambda: any(sentence in toast.message for toast in pilot.app._notifications),
        f"{sentence!r} is told",
    )


async def until_state(pilot: Pilot[str], session_id: int, *states: SessionState) -> None:
    """Wait until a session is in one of `states`."""
    board = pilot.app.board  # type: ignore[attr-defined]
    await until(
        pilot,
        lambda: session_id in board.records and board.records[session_id].state in states,
        f"#{session_id} is {states}",
    )


async def type_text(pilot: Pilot[str], text: str) -> None:
    """Type `text` letter by letter."""
    names = {
        " ": "space",
        "<": "less_than_sign",
        ":": "colon",
        ".": "full_stop",
        "!": "exclamation_mark",
    }
    await pilot.press(*(names.get(letter, letter) for letter in text))
