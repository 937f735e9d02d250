"""The devices screen on a recorded machine with four GPUs, and on this one."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual._compositor import LayoutUpdate
from textual.widgets import Static

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.training.devices.device_readings import GpuProcess, GpuReading, MachineReading
from mnist_tui.training.devices.device_trace import read_trace
from mnist_tui.training.devices.trace_replay import TraceSampler
from mnist_tui.tui.behaviors.base_screen import TOO_SMALL
from mnist_tui.tui.devices.device_feed import DeviceFeed
from mnist_tui.tui.screens.devices import DevicesScreen
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from tests.data.make_four_gpus import GIB, reading_at
from tests.deadlines import patient
from tests.tui.driving import services_in
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS, make_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import RenderableType
    from textual.pilot import Pilot
    from textual.screen import Screen

FOUR_GPUS = Path(__file__).parents[2] / "data" / "four_gpus.jsonl"
STYLES = Path(__file__).parents[3] / "tui" / "app" / "app.tcss"
INTERVAL_S = 0.05


class Stand(TerminalApp):
    """The devices screen alone, over a real board."""

    CSS_PATH = STYLES
    num_whole_screens = 0
    """How often all of the screen was drawn."""

    def __init__(self, folder: Path, feed: DeviceFeed, records: Iterable[SessionRecord]) -> None:
        super().__init__()
        self.services = services_in(folder, records, feed)

    def on_ready(self) -> None:
        screen = DevicesScreen(self.services)
        self.push_screen(screen)

        def tick() -> None:
            if self.is_running and screen.is_current:
                screen.tick()

        self.set_interval(INTERVAL_S, tick)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.num_whole_screens += isinstance(renderable, LayoutUpdate)
        super()._display(screen, renderable)

    def seen(self) -> str:
        """Return the screen as text."""
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


def at_work(
    session_id: int, name: str, pid: int | None, state: SessionState = SessionState.RUNNING
) -> SessionRecord:
    return replace(make_record(session_id, state, name=name), worker_pid=pid)


SESSIONS = (at_work(11, "baseline", 901), at_work(12, "wide-kernels", 902))


def recorded(*readings: MachineReading) -> DeviceFeed:
    found = readings or tuple(read_trace(FOUR_GPUS))
    # A clock at rest shows the first reading for ever.
    return DeviceFeed(TraceSampler(found, lambda: 0.0), INTERVAL_S, source="four_gpus.jsonl")


async def until(pilot: Pilot[Any], condition: Callable[[str], object], what: str) -> str:
    app = pilot.app
    assert isinstance(app, Stand)
    deadline = time.monotonic() + patient(20)
    while not condition(app.seen()):
        assert time.monotonic() < deadline, f"not in time: {what}\n{app.seen()}"
        await pilot.pause(0.02)
    return app.seen()


async def until_seen(pilot: Pilot[Any], text: str) -> str:
    return await until(pilot, lambda seen: text in seen, f"{text!r} is seen")


def line_with(seen: str, text: str) -> str:
    return next(line for line in seen.splitlines() if text in line)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_each_gpu_is_a_row_with_its_figures_and_who_uses_it(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with Stand(tmp_path, recorded(), SESSIONS).run_test(size=size) as pilot:
        seen = await until_seen(pilot, "total")
        busy = line_with(seen, " gpu0 ")
        assert " 61 " in busy
        assert " 9.8/40 " in busy
        assert " 64 " in busy
        assert " 212/400" in busy
        users = line_with(seen, "#11 baseline 6.2 GiB")
        assert "A100-SXM4-40GB" in users
        assert "other pid 4711 grace 3.1 GiB" in users
        assert "free" in seen
        assert "64 cores" in seen
        assert "91.0/512" in line_with(seen, " cpu ")
        assert "recorded: four_gpus.jsonl" in seen
        assert all(len(line) <= size[0] for line in seen.splitlines())


async def test_what_a_gpu_does_not_tell_is_left_blank(tmp_path: Path) -> None:
    async with Stand(tmp_path, recorded(), SESSIONS).run_test(size=(80, 24)) as pilot:
        seen = await until_seen(pilot, "total")
        silent, busy = line_with(seen, " gpu3 "), line_with(seen, " gpu0 ")
        place = busy.index("212/400")
        assert silent[place : place + 7].strip() == ""
        assert "–" not in silent
        assert "None" not in seen
        assert "other pid 5120" in seen


async def test_each_session_tells_what_it_takes_and_all_of_them_together(tmp_path: Path) -> None:
    waiting = at_work(13, "waits", None, SessionState.QUEUED)
    ended = at_work(9, "has-ended", 77, SessionState.FINISHED)
    records = [*SESSIONS, waiting, ended]
    async with Stand(tmp_path, recorded(), records).run_test(size=(80, 40)) as pilot:
        seen = await until_seen(pilot, "total")
        row = " ".join(line_with(seen, "#11 baseline   ").split())
        assert row == "#11 baseline ▶ running 901 0.98 1.4 GiB 6.2 GiB gpu0"
        total = " ".join(line_with(seen, " total ").split())
        assert total == "total 2.00 2.7 GiB 7.4 GiB"
        assert "waits" not in seen
        assert "has-ended" not in seen


async def test_sessions_that_come_and_go_are_shown_without_being_asked(tmp_path: Path) -> None:
    app = Stand(tmp_path, recorded(), SESSIONS[:1])
    async with app.run_test(size=(80, 40)) as pilot:
        await until_seen(pilot, "other pid 3202 ada 1.2 GiB")
        screen = app.screen
        assert isinstance(screen, DevicesScreen)
        screen.board_changed(app.services.board.put(SESSIONS[1]))
        await until_seen(pilot, "#12 wide-kernels 1.2 GiB")
        gone = replace(SESSIONS[1], state=SessionState.STOPPED)
        screen.board_changed(app.services.board.put(gone))
        await until(pilot, lambda seen: "#12" not in seen, "the session is gone")


async def test_without_sessions_it_says_so(tmp_path: Path) -> None:
    async with Stand(tmp_path, recorded(), []).run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "no session has a process now")


async def test_a_machine_without_gpus_shows_none_of_their_columns(tmp_path: Path) -> None:
    reading = replace(reading_at(0), gpus=(), cpu_temperature_c=None)
    async with Stand(tmp_path, recorded(reading), SESSIONS).run_test(size=(80, 24)) as pilot:
        seen = await until_seen(pilot, "total")
        for absent in ("gpu0", "GPU", "°C", " W "):
            assert absent not in seen
        assert "CORES" in seen


async def test_a_machine_that_tells_nothing_is_still_a_screen(tmp_path: Path) -> None:
    feed = recorded(MachineReading(time=1.0, gpus=(GpuReading(index=0),)))
    async with Stand(tmp_path, feed, []).run_test(size=(80, 24)) as pilot:
        seen = await until_seen(pilot, " gpu0 ")
        assert "None" not in seen


async def test_a_driver_that_hangs_is_said(tmp_path: Path) -> None:
    feed = recorded(replace(reading_at(0), gpus=(), are_gpus_silent=True))
    async with Stand(tmp_path, feed, SESSIONS).run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "GPUs do not answer: their driver hangs")


async def test_j_and_k_scroll_what_does_not_fit(tmp_path: Path) -> None:
    records = [at_work(number, f"session-{number}", 900 + number) for number in range(1, 31)]
    async with Stand(tmp_path, recorded(), records).run_test(size=(80, 24)) as pilot:
        seen = await until_seen(pilot, "LAST 5 MIN")
        assert "#30" not in seen
        await pilot.press("j", "j", "j")
        await until(pilot, lambda seen: "LAST 5 MIN" not in seen, "it has scrolled")
        await pilot.press("k", "k", "k")
        await until_seen(pilot, "LAST 5 MIN")
        await pilot.press("G")
        await until_seen(pilot, "#30 session-30")
        await pilot.press("g")
        await until_seen(pilot, "LAST 5 MIN")


@pytest.mark.parametrize("key", ["q", "escape"])
async def test_q_and_escape_go_back(tmp_path: Path, key: str) -> None:
    app = Stand(tmp_path, recorded(), SESSIONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "Devices")
        await pilot.press(key)
        await until(
            pilot, lambda _: not isinstance(app.screen, DevicesScreen), "the screen is gone"
        )


async def test_a_tiny_terminal_is_told_as_such(tmp_path: Path) -> None:
    async with Stand(tmp_path, recorded(), SESSIONS).run_test(size=(50, 12)) as pilot:
        seen = await until_seen(pilot, TOO_SMALL.split(";")[0][:20])
        assert "gpu0" not in seen


async def test_what_changes_on_the_screen_below_draws_nothing_above(tmp_path: Path) -> None:
    app = Stand(tmp_path, recorded(), SESSIONS)
    async with app.run_test(size=(80, 24)) as pilot:
        below = app.screen_stack[0]
        await below.mount(Static("0", id="below"))
        await until_seen(pilot, "total")
        await until(pilot, lambda seen: "▁" in seen, "the history begins")
        await pilot.pause()
        before = app.num_whole_screens
        for count in range(20):
            below.query_one("#below", Static).update(f"{count}")
            await pilot.pause(0.02)
        assert app.num_whole_screens == before
        await pilot.press("q")
        await until_seen(pilot, "19")


async def test_hostile_names_reach_the_screen_as_text(tmp_path: Path) -> None:
    for text in (*HOSTILE_TEXTS, *MARKUP_TEXTS):
        gpu = GpuReading(
            index=0, name=text, processes=(GpuProcess(pid=5, user=text), GpuProcess(pid=901))
        )
        feed = recorded(replace(reading_at(0), gpus=(gpu,), processes=()))
        app = Stand(tmp_path, feed, [at_work(1, text, 901)])
        async with app.run_test(size=(160, 40)) as pilot:
            seen = await until_seen(pilot, "other pid 5")
            assert not any(character in seen for character in "\x1b\x07\x9b\r\x08\u202e\u2028")


async def test_many_processes_of_others_are_counted_rather_than_listed(tmp_path: Path) -> None:
    crowd = tuple(GpuProcess(pid=pid, memory_bytes=GIB) for pid in range(5000, 5020))
    gpu = GpuReading(index=0, processes=crowd)
    feed = recorded(replace(reading_at(0), gpus=(gpu,)))
    async with Stand(tmp_path, feed, []).run_test(size=(80, 24)) as pilot:
        seen = await until_seen(pilot, "and 16 more")
        assert seen.count("other pid") == 4


async def test_a_view_is_written_as_tables_of_values(tmp_path: Path) -> None:
    app = Stand(tmp_path, recorded(), SESSIONS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "total")
        screen = app.screen
        assert isinstance(screen, DevicesScreen)
        devices, users, sessions = screen.exporter()()
        assert devices.rows[0][:3] == ("gpu0", "NVIDIA A100-SXM4-40GB", 0.61)
        assert devices.rows[3][5:] == (None, None, None)
        assert devices.rows[4][0] == "cpu"
        assert ("gpu0", 4711, "grace", int(3.1 * GIB), None) in users.rows
        assert ("gpu0", 901, "ada", int(6.2 * GIB), 11) in users.rows
        assert sessions.rows[0][:5] == (11, "baseline", "running", 901, 0.98)
        assert "gpu0" in screen.copy_text()


async def test_this_machine_shows_this_process(tmp_path: Path) -> None:
    feed = DeviceFeed(interval_s=INTERVAL_S)
    records = [at_work(1, "this-one", os.getpid())]
    async with Stand(tmp_path, feed, records).run_test(size=(80, 24)) as pilot:
        seen = await until(
            pilot,
            lambda seen: "#1 this-one" in seen and "–" not in line_with(seen, "#1 this-one"),
            "its work is known",
        )
        assert str(os.getpid()) in line_with(seen, "#1 this-one")
        assert re.search(r"[MG]iB", line_with(seen, "#1 this-one"))
