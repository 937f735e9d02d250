"""The screens on a real supervisor: what a person does, and what they then see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from textual.widgets import Static

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.app.app import LOST_BANNER
from mnist_tui.tui.behaviors.base_screen import TOO_SMALL
from mnist_tui.tui.modals.confirm import Confirm
from mnist_tui.tui.modals.help import Help
from mnist_tui.tui.screens.new_session import NewSessionScreen
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.widgets.metric_chart import MetricChart
from tests.harness import SMALL_ENDLESS
from tests.tui.driving import SIZES, app_of, seen, until, until_seen, until_state, until_told

if TYPE_CHECKING:
    from tests.harness import Workspace


async def test_an_empty_home_teaches_the_first_keys_and_names_itself(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, f"No sessions yet in {workspace.home.path}")
        assert "n  make one" in seen(app)
        await pilot.press("p")
        await until_told(pilot, "There is no session yet; press n to make one.")


@pytest.mark.parametrize("size", SIZES)
async def test_a_session_is_made_watched_paused_resumed_stopped_and_killed(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    app = app_of(workspace, **{name: str(value) for name, value in SMALL_ENDLESS.items()})
    async with app.run_test(size=size, notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewSessionScreen), "the form is open")
        await pilot.press("ctrl+r")
        await until_state(pilot, 1, SessionState.RUNNING)
        assert isinstance(app.screen, SessionsScreen)
        chart = app.screen.query_one("#loss", MetricChart)
        await until(pilot, lambda: "train" in chart.text, "a curve is drawn")
        before = chart.text
        await until(pilot, lambda: chart.text != before, "the curve moves")

        await pilot.press("p")
        await until_state(pilot, 1, SessionState.PAUSED)
        await until_seen(pilot, "‖ paused")
        await until_seen(pilot, "p resume")
        await pilot.press("p")
        await until_state(pilot, 1, SessionState.RUNNING)
        await pilot.press("S")
        await until_state(pilot, 1, SessionState.STOPPED)
        await pilot.press("p")
        await until_state(pilot, 1, SessionState.RUNNING)

        await pilot.press("K")
        await until_seen(pilot, "Kill #1 cnn-digits?")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "the question is gone")
        assert app.board.records[1].state is SessionState.RUNNING
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, Confirm), "the question is asked")
        await pilot.press("y")
        await until_state(pilot, 1, SessionState.KILLED)
        await until_seen(pilot, "× killed")


async def test_leaving_says_what_goes_on_and_coming_back_shows_it(workspace: Workspace) -> None:
    session_id = workspace.create(name="night run")
    workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "night run")
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None, "the screen closes")
    assert app.return_value == "1 session keeps running; `mnist-tui` shows it again."
    assert workspace.record(session_id).state is SessionState.RUNNING
    again = app_of(workspace)
    async with again.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "night run")
        await until_seen(pilot, "▶ running")


async def test_ctrl_c_ends_nothing(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("ctrl+c")
        await until_seen(pilot, "Training keeps running; press q to leave.")
        assert app.return_value is None


async def test_a_wrong_field_starts_nothing_and_says_why_beside_it(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("n")
        await until_seen(pilot, "New session")
        screen = app.screen
        assert isinstance(screen, NewSessionScreen)
        screen.form.focus_field("learning_rate")
        await pilot.press(*"-1")
        await until_seen(pilot, "✗ must be greater than 0.0, not -1")
        screen.form.focus_field("epochs")
        await pilot.press("ctrl+r")
        await until_seen(pilot, "learning rate: must be greater than 0")
        assert app.focused is screen.form.row("learning_rate").control
        assert app.board.order == []
        await pilot.press("escape")
        await until_seen(pilot, "No sessions yet")
        await pilot.press("n")
        await until_seen(pilot, "✗ must be greater than 0.0, not -1")


async def test_the_form_greys_what_does_not_apply_and_shows_the_model(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(160, 45), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("n")
        await until_seen(pilot, "225,034 weights")
        screen = app.screen
        assert isinstance(screen, NewSessionScreen)
        screen.form.focus_field("model")
        choice = screen.form.row("model").control
        while choice.value != "lenet":
            await pilot.press("right")
        await until_seen(pilot, "lenet: ")
        assert screen.form.row("filters").control.disabled
        await pilot.press("down")
        assert app.focused is screen.form.row("own_model").control
        await pilot.press("down")
        assert app.focused is screen.form.row("activation").control


async def test_a_refusal_is_a_sentence_and_loses_nothing(workspace: Workspace) -> None:
    app = app_of(workspace, device="cuda:97", epochs="3")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("n")
        await until_seen(pilot, "New session")
        await pilot.press("ctrl+r")
        screen = app.screen
        assert isinstance(screen, NewSessionScreen)
        device = screen.form.row("device")
        await until(pilot, lambda: device.problem, "the refusal stands beside its field")
        assert screen.form.typed()["epochs"] == "3"
        assert app.focused is device.control
        assert app.board.order == []


async def test_every_key_of_the_screen_is_in_the_help(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(160, 45), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help), "the help is open")
        text = str(app.screen.query_one("#keys-text", Static).content)
        for words in ("n           new", "S           stop", "↓ j", "q           leave"):
            assert words in text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "the help is closed")


async def test_the_question_is_for_the_session_it_was_opened_for(workspace: Workspace) -> None:
    first = workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_state(pilot, first, SessionState.QUEUED)
        await pilot.press("K")
        await until_seen(pilot, f"Kill #{first}")
        second = workspace.create(is_held=True)
        await until_state(pilot, second, SessionState.QUEUED)
        app.board.select(second)
        await pilot.press("y")
        await until_state(pilot, first, SessionState.KILLED)
        assert app.board.records[second].state is SessionState.QUEUED


async def test_a_held_session_is_released_with_the_same_key(workspace: Workspace) -> None:
    session_id = workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "○ held")
        await pilot.press("p")
        await until_told(pilot, "press H to release it")
        await pilot.press("H")
        await until_state(pilot, session_id, SessionState.RUNNING)


async def test_the_session_screen_shows_parameters_checkpoints_log_and_neighbours(
    workspace: Workspace,
) -> None:
    older, newer = workspace.create(name="older"), workspace.create(name="newer", is_held=True)
    workspace.reach(older, SessionState.RUNNING)
    workspace.request(Trigger.STOP, older)
    workspace.reach(older, SessionState.STOPPED)
    log = workspace.home.session(older) / "worker.log"
    log.write_text("hello \x1b]52;c;x\x07 from the worker\n")
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "newer")
        await pilot.press("G", "enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen), "the session is open")
        await until_seen(pilot, f"#{older} older")
        await pilot.press("2")
        await until_seen(pilot, "OUTPUT SHAPE")
        await pilot.press("3")
        await until_seen(pilot, "learning_rate")
        await pilot.press("4")
        await until_seen(pilot, "stop  ")
        await pilot.press("6")
        await until_seen(pilot, "REQUESTED")
        await pilot.press("5")
        await until_seen(pilot, "hello �]52;c;x� from the worker")
        await pilot.press("left_square_bracket")
        await until_seen(pilot, f"#{newer} newer")
        await until_seen(pilot, "no log yet")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "back at the table")
        assert app.board.selected_id == newer


async def test_trash_asks_and_the_session_leaves_the_table(workspace: Workspace) -> None:
    session_id = workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "○ held")
        await pilot.press("D")
        await until_seen(pilot, f"Move #{session_id}")
        await pilot.press("y")
        await until_seen(pilot, "No sessions yet")


async def test_a_lost_supervisor_is_announced_and_found_again(workspace: Workspace) -> None:
    workspace.create(is_held=True, name="stays in sight")
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "stays in sight")
        await until(pilot, lambda: app._is_connected, "connected")
        supervisor = psutil.Process(workspace.supervisor_pid())
        guard = supervisor.parent()
        assert guard is not None
        guard.kill()  # it would bring the supervisor back before anybody sees the banner
        supervisor.kill()
        await until_seen(pilot, LOST_BANNER)
        assert "stays in sight" in seen(app)
        await until(pilot, lambda: LOST_BANNER not in seen(app), "the banner goes away")
        assert "stays in sight" in seen(app)


async def test_a_tiny_terminal_gets_a_message_and_comes_back(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        for size in [(59, 24), (80, 15), (20, 5), (1, 1)]:
            await pilot.resize_terminal(*size)
        await pilot.resize_terminal(59, 15)
        await until(pilot, lambda: TOO_SMALL.split(";")[0] in seen(app), "the message")
        await pilot.resize_terminal(80, 24)
        await until_seen(pilot, "No sessions yet")


async def test_only_one_toast_is_shown(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "No sessions yet")
        await pilot.press("p", "S", "K", "p", "S")
        await until_seen(pilot, "There is no session yet")
        assert len(app._notifications) == 1
