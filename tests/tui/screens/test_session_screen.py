"""A session's screen on a real supervisor: its pages, its log, its charts and snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.widgets.log_tail import LogTail
from tests.tui.driving import (
    app_of,
    opened,
    seen,
    type_text,
    until,
    until_seen,
    until_state,
    until_told,
)

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from mnist_tui.tui.app.app import MnistTuiApp
    from tests.harness import Workspace


async def open_running(pilot: Pilot[str], app: MnistTuiApp) -> SessionScreen:
    await until_seen(pilot, "▶ running")
    await until(pilot, lambda: app._is_connected, "connected")
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, SessionScreen), "the session is open")
    assert isinstance(app.screen, SessionScreen)
    return app.screen


async def test_the_header_shows_speed_and_the_history_shows_receipts(workspace: Workspace) -> None:
    session_id = workspace.create(name="watched")
    workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await open_running(pilot, app)
        await until_seen(pilot, "batches/s")
        await until_seen(pilot, "resumes exactly")
        await pilot.press("p")
        await until_state(pilot, session_id, SessionState.PAUSED)
        await pilot.press("6")
        await until_seen(pilot, "pause")
        line = next(line for line in seen(app).splitlines() if " pause " in line)
        assert line.count(" ms") == 2, line


async def test_a_snapshot_keeps_a_named_checkpoint_while_training_goes_on(
    workspace: Workspace,
) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_running(pilot, app)
        await pilot.press("W")
        await until_seen(pilot, f"keep a checkpoint of #{session_id} as:")
        await pilot.press("enter")
        await until_seen(pilot, "✗ the name is empty")
        await type_text(pilot, "before lunch")
        await pilot.press("enter")
        await until_told(pilot, "checkpoint before lunch of step")
        await pilot.press("4")
        await until_seen(pilot, "before lunch")
        folder = CheckpointFolder(workspace.home.session(session_id) / "checkpoints")
        assert "before lunch" in [info.name for info in folder.manifests()]
        assert app.board.records[session_id].state is SessionState.RUNNING


async def test_the_log_is_searched_and_followed(workspace: Workspace) -> None:
    session_id = workspace.create(name="logged", is_held=True)
    lines = [f"line {number}" + (" needle" * (number in (3, 90))) for number in range(200)]
    (workspace.home.session(session_id) / "worker.log").write_text("\n".join(lines) + "\n")
    async with opened(workspace, (80, 24), "logged") as (app, pilot):
        await pilot.press("enter", "5")
        await until_seen(pilot, "line 199")
        await pilot.press("slash")
        await type_text(pilot, "Needles")
        await until_seen(pilot, "✗ not in the last part of the log")
        await pilot.press("backspace")
        await until_seen(pilot, "▶ line 90 needle")
        await pilot.press("enter", "n")
        await until_seen(pilot, "▶ line 3 needle")
        await pilot.press("N")
        await until_seen(pilot, "▶ line 90 needle")
        await pilot.press("f")
        await until_seen(pilot, "line 199")
        with (workspace.home.session(session_id) / "worker.log").open("a") as log:
            log.write("the newest line\n")
            log.write("far" + 90 * "." + "right\n")
        await pilot.press("1", "5")
        await until_seen(pilot, "the newest line")
        assert "right" not in seen(app)
        await pilot.press("right", "right", "right")
        await until_seen(pilot, "right")
        await pilot.press("shift+left", "escape")
        await until_seen(pilot, "the newest line")
        assert "needle" not in str(app.screen.query_one(LogTail)._needle)
        assert isinstance(app.screen, SessionScreen)


async def test_chart_keys_change_the_view_which_is_remembered(workspace: Workspace) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_running(pilot, app)
        await until_seen(pilot, "epochs")
        await pilot.press("x")
        await until_told(pilot, "x axis: batches")
        await until_seen(pilot, "batch")
        await pilot.press("v", "plus")
        await until_told(pilot, "smoothing 0.5")
        await pilot.press("m")
        await until(
            pilot, lambda: not app.screen.query_one("#accuracy").display, "the loss has all room"
        )
        rows = app.screen.query_one("#pages").size.height
        await until(
            pilot, lambda: app.screen.query_one("#loss").size.height == rows, "it is as high"
        )
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "back")
    view = app_of(workspace).services.views.settings.chart
    assert (view.x_unit, view.is_log, view.smoothing) == ("batch", True, 0.5)


async def test_a_view_changed_just_before_leaving_is_remembered(workspace: Workspace) -> None:
    workspace.reach(workspace.create(), SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_running(pilot, app)
        await pilot.press("v")  # and the terminal goes away
    assert app_of(workspace).services.views.settings.chart.is_log


async def test_the_session_stays_open_whatever_the_table_filters(workspace: Workspace) -> None:
    first = workspace.create(name="first", is_held=True)
    second = workspace.create(name="second", is_held=True)
    async with opened(workspace, (100, 30), "second") as (_app, pilot):
        await pilot.press("slash")
        await type_text(pilot, "state:held")
        await pilot.press("enter", "enter")
        await until_seen(pilot, f"#{second} second")
        workspace.request(Trigger.STOP, second)
        await until_state(pilot, second, SessionState.STOPPED)
        await until_seen(pilot, "■ stopped")
        await pilot.press("left_square_bracket")
        await until_seen(pilot, f"#{first} first")


async def test_each_page_exports_what_it_shows(workspace: Workspace) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    workspace.request(Trigger.STOP, session_id)
    workspace.reach(session_id, SessionState.STOPPED)
    async with opened(workspace, (120, 40), "■ stopped") as (app, pilot):
        await pilot.press("enter", "2")
        await until_seen(pilot, "OUTPUT SHAPE")
        screen = app.screen
        assert isinstance(screen, SessionScreen)
        titles = [[table.title for table in screen.exporter()()]]
        for page, text in [("3", "learning_rate"), ("4", "stop  "), ("6", "REQUESTED")]:
            await pilot.press(page)
            await until_seen(pilot, text)
            titles.append([table.title for table in screen.exporter()()])
        assert titles == [["layers"], ["parameters"], ["checkpoints"], ["history"]]
        await pilot.press("5")
        await until_seen(pilot, "worker leaves: stopped")
        (log,) = screen.exporter()()
        assert log.rows == [(line,) for line in screen.query_one("#log", LogTail).text.splitlines()]


async def test_keys_of_the_charts_go_to_the_charts_first(workspace: Workspace) -> None:
    workspace.create(is_held=True)
    async with opened(workspace, (120, 40), "○ held") as (app, pilot):
        await pilot.press("enter")
        for key in ("m", "x", "right"):
            await pilot.press("3")
            await until_seen(pilot, "learning_rate")
            await pilot.press(key)
            await until(pilot, lambda: app.screen.query_one("#charts").region.height, "charts")


async def test_a_long_name_leaves_the_progress_in_sight(workspace: Workspace) -> None:
    name = "a name as long as names may be at most " + "x" * 20
    workspace.create(name=name, is_held=True)
    async with opened(workspace, (60, 20), "held") as (app, pilot):
        await pilot.press("enter")
        await until_seen(pilot, "1 charts")
        first, second = seen(app).splitlines()[:2]
        assert first.startswith(" #1 a name as long")
        assert first.rstrip().endswith("…")
        assert "epoch" in second
