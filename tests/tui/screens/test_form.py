"""The form on a real supervisor: presets, clones, several sessions at once, the estimate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.parameters.hyperparameters import FIELDS, applicable
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.tui.app.app import MnistTuiApp
from mnist_tui.tui.screens.new_session import NewSessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.widgets.field_help import ADVICE
from tests.picture_folders import draw_shapes
from tests.tui.driving import app_of, type_text, until, until_seen, until_state, until_told

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.harness import Workspace

SMALL = (80, 24)
QUICK = {"model": "lenet", "epochs": "1", "batch_size": "256", "threads": "1"}
"""A session on digits that is over in a moment."""


async def opened(pilot: Pilot[str], app: MnistTuiApp) -> NewSessionScreen:
    """Open the form for a new session."""
    await until_seen(pilot, "No sessions yet")
    await pilot.press("n")
    return await form_of(pilot, app)


async def form_of(pilot: Pilot[str], app: MnistTuiApp) -> NewSessionScreen:
    await until(pilot, lambda: isinstance(app.screen, NewSessionScreen), "the form is open")
    screen = app.screen
    assert isinstance(screen, NewSessionScreen)
    await until(pilot, lambda: screen.focused is not None, "a field has the keys")
    return screen


async def cloned(pilot: Pilot[str], app: MnistTuiApp, session_id: int) -> NewSessionScreen:
    """Open the form for a clone."""
    await until(pilot, lambda: session_id in app.board.records, "the session is known")
    app.board.select(session_id)
    await pilot.press("C")
    return await form_of(pilot, app)


async def type_into(pilot: Pilot[str], screen: NewSessionScreen, field: str, text: str) -> None:
    screen.form.focus_field(field)
    await pilot.pause()
    await pilot.press("end", "ctrl+u")
    await type_text(pilot, text)


async def test_the_dataset_of_the_form_is_made_ready_while_it_is_filled_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.data_dir = tmp_path
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await opened(pilot, app)
        made = tmp_path / "Digits" / "raw" / "train-images-idx3-ubyte"
        await until(pilot, made.exists, "the embedded digits are made")


async def test_a_preset_fills_the_form_says_so_and_is_taken_back(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await type_into(pilot, screen, "seed", "7")
        await pilot.press("f2")
        names = list(PRESETS)
        for _ in range(names.index("one-cycle") + 1):
            await pilot.press("right")
        await until_seen(pilot, PRESETS["one-cycle"].sentence)
        typed = screen.form.typed()
        assert {name: typed[name] for name in PRESETS["one-cycle"].parameters} == dict(
            PRESETS["one-cycle"].parameters
        )
        assert typed["seed"] == "7"
        for _ in range(names.index("one-cycle") + 1):
            await pilot.press("left")
        await until(pilot, lambda: screen.form.typed()["model"] == "cnn", "the preset is gone")
        assert {"epochs", "batch_size"}.isdisjoint(screen.form.typed())
        assert screen.form.typed()["seed"] == "7"


async def test_every_preset_can_be_chosen_and_started_as_it_stands(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        for name in PRESETS:
            await pilot.press("right")
            await until(
                pilot,
                lambda name=name: screen.form.typed()["preset"] == name,  # type: ignore[misc]
                f"{name} is chosen",
            )
            await pilot.pause()
            assert {row.field_name: row.problem for row in screen.form.rows.values()} == (
                dict.fromkeys(screen.form.rows, "")
            )


async def test_two_values_are_two_sessions_said_while_typing_and_made_at_once(
    workspace: Workspace,
) -> None:
    app = app_of(workspace, **QUICK, hold="yes", name="rate")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await type_into(pilot, screen, "learning_rate", "0.1,0.01")
        await until_seen(pilot, "New session  2 sessions")
        await until_seen(pilot, "2 values")
        await until_seen(pilot, "ctrl+r starts 2 sessions: rate lr=0.1, rate lr=0.01")
        await until_seen(pilot, "first of 2")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "the form is closed")
        await until_told(pilot, "2 sessions were made, #1 to #2.")
        records = app.board.records
        assert {record.name: record.parameters["learning_rate"] for record in records.values()} == {
            "rate lr=0.1": 0.1,
            "rate lr=0.01": 0.01,
        }
        assert app.board.selected_id == 1
        await pilot.press("n")
        again = await form_of(pilot, app)
        assert "learning_rate" not in again.form.typed(), "the draft is done with"


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("learning_rate", "0.1,0", "must be greater than 0"),
        ("learning_rate", "0.1,", "missing beside a comma"),
        ("device", "cpu,cuda:97", "there is no cuda:97 here"),
    ],
)
async def test_one_wrong_alternative_makes_none(
    workspace: Workspace, field: str, text: str, says: str
) -> None:
    app = app_of(workspace, hold="yes")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        await type_into(pilot, screen, field, text)
        await pilot.press("ctrl+r")
        row = screen.form.row(field)
        await until(pilot, lambda: says in row.problem, "the problem stands beside its field")
        assert app.focused is row.control
        assert app.board.order == []


async def test_what_stops_half_way_says_which_sessions_there_are(workspace: Workspace) -> None:
    app = app_of(workspace, hold="yes", seed="1,2,3")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        (workspace.home.path / "2").write_text("in the way of the second session")
        await pilot.press("ctrl+r")
        await until_seen(pilot, "1 of 3 sessions were made (#1), then: The session folder")
        assert app.screen is screen
        assert app.board.order == [1]


async def test_a_clone_begins_like_its_original_and_marks_what_differs(
    workspace: Workspace,
) -> None:
    original = workspace.create(
        parameters={**QUICK, "learning_rate": "0.0012345678"}, name="first", is_held=True
    )
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await cloned(pilot, app, original)
        await until_seen(pilot, "clone of #1 first")
        assert screen.form.typed()["name"] == "first-copy"
        assert not any("was" in row._shown for row in screen.form.rows.values())
        await type_into(pilot, screen, "epochs", "3")
        await until_seen(pilot, "was 1")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "the form is closed")
        screen = await cloned(pilot, app, original)
        assert screen.form.typed()["epochs"] == "3", "escape keeps the draft"
        await pilot.press("ctrl+r")
        await until_state(pilot, 2, SessionState.FINISHED)
        expected = workspace.record(original).parameters | {"epochs": 3}
        assert workspace.record(2).parameters == expected
        assert workspace.record(2).name == "first-copy"


async def test_a_clone_finds_the_images_where_its_original_did(
    workspace: Workspace, tmp_path: Path
) -> None:
    original = workspace.create(parameters=QUICK, is_held=True)
    app = MnistTuiApp(workspace.home, tmp_path / "elsewhere", defaults={"hold": "yes"})
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await cloned(pilot, app, original)
        screen.form.focus_field("dataset")
        await until_seen(pilot, "training images")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: 2 in app.board.records, "the clone is made")
        assert app.board.records[2].data_dir == str(workspace.data_dir)


async def test_the_estimate_says_which_session_it_knows_the_speed_from(
    workspace: Workspace,
) -> None:
    workspace.create(parameters={**QUICK, "epochs": "20"}, name="done")
    workspace.reach(1, SessionState.FINISHED)
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await cloned(pilot, app, 1)
        await until_seen(pilot, "lenet: 44,426 weights, checkpoint 549.9 kB")
        await until_seen(pilot, "20 epochs")
        await until_seen(pilot, "(as #1, ")
        await type_into(pilot, screen, "batch_size", "128")
        await until_seen(pilot, "time: not known yet, no session has trained alike")


async def test_the_estimate_of_data_that_is_not_here_waits_for_it(workspace: Workspace) -> None:
    workspace.create(parameters={**QUICK, "epochs": "20"}, name="done")
    workspace.reach(1, SessionState.FINISHED)
    app = app_of(workspace, **QUICK, dataset="kmnist")
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await until(pilot, lambda: 1 in app.board.records, "the session is known")
        await pilot.press("n")
        await until_seen(pilot, "known once the data is here (as #1")


@pytest.mark.parametrize("size", [(60, 16), SMALL, (120, 40)])
async def test_every_field_is_reached_seen_and_explained(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    app = app_of(workspace, optimizer="sgd")
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await opened(pilot, app)
        reached = []
        foreign = set(FIELDS) - applicable("cnn", "sgd")
        for _ in set(screen.form.rows) - foreign:
            await pilot.pause()
            focused = screen.focused
            assert focused is not None
            name = str(focused.id).removeprefix("field-")
            reached.append(name)
            assert screen.form.region.contains_region(focused.region), f"{name} is in sight"
            shown = str(screen.help_text.content)
            assert shown.startswith(name.replace("_", " "))
            assert (FIELDS[name].advice if name in FIELDS else ADVICE[name]) in shown
            await pilot.press("down")
        assert reached == [name for name in screen.form.rows if name not in foreign]
        assert set(ADVICE) | set(FIELDS) == set(screen.form.rows)


async def test_the_label_of_the_field_with_the_keys_alone_is_set_off(workspace: Workspace) -> None:
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)

        def is_set_off(field: str) -> bool:
            rows = screen.form.rows.items()
            bold = [name for name, row in rows if row.query_one(".label").styles.text_style.bold]
            return bold == [field]

        for name in ("preset", "name", "dataset", "own_dataset"):
            await until(pilot, partial(is_set_off, name), f"{name} is set off")
            await pilot.press("down")


async def test_the_field_with_the_keys_stays_in_sight_when_the_terminal_shrinks(
    workspace: Workspace,
) -> None:
    app = app_of(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await opened(pilot, app)
        screen.form.focus_field("checkpoint_every")
        for size in (SMALL, (60, 16), (120, 40), (60, 16)):
            await pilot.resize_terminal(*size)
            control = screen.form.row("checkpoint_every").control
            await until(
                pilot,
                lambda control=control: screen.form.region.contains_region(  # type: ignore[misc]
                    control.region
                ),
                f"the field is in sight at {size}",
            )


@pytest.mark.parametrize(
    "text", ["\x1b]52;c;aGk=\x07", "[/bad]", "[@click=app.quit]z[/]", "a" * 10_000, "<,>"]
)
async def test_nothing_that_is_pasted_breaks_the_form(workspace: Workspace, text: str) -> None:
    app = app_of(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot, app)
        for field in ("name", "learning_rate", "filters", "epochs", "device"):
            control: Any = screen.form.row(field).control
            control.focus()
            await pilot.pause()
            control.replace(text, 0, 0)
            await pilot.press("ctrl+r")
            await until(
                pilot,
                lambda field=field: screen.form.row(field).problem,  # type: ignore[misc]
                f"{field} is refused",
            )
            control.value = ""
            await pilot.pause()
        assert app.board.order == []


async def test_a_model_and_pictures_of_ones_own_are_typed_tried_and_cloned(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = tmp_path / "desk"
    draw_shapes(desk / "shapes", 20)
    (desk / "own_form_nets.py").write_text(
        "from torch import nn\n\n\ndef build(n):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(784, n))\n"
    )
    monkeypatch.chdir(desk)
    app = app_of(workspace)
    async with app.run_test(size=(120, 45), notifications=True) as pilot:
        screen = await opened(pilot, app)
        for field, text in QUICK.items():
            if field != "model":
                screen.form.row(field).write(text, "")
        screen.form.row("batch_size").write("16", "")
        await type_into(pilot, screen, "own_dataset", "shape")
        await until_seen(pilot, "there is no folder 'shape'")
        await type_text(pilot, "s")
        await until(pilot, lambda: not screen.form.own_problems(), "it is a folder")
        await type_into(pilot, screen, "own_model", "own_form_nets")
        await until_seen(pilot, "needs package.module:build")
        await type_text(pilot, ":missing")
        await until(pilot, lambda: screen.form.typed()["initialization"] == "own", "own weights")
        await pilot.press("ctrl+r")
        await until_seen(pilot, "write one that takes the number of classes")
        assert not app.board.records
        await type_into(pilot, screen, "own_model", "own_form_nets:build")
        await pilot.press("ctrl+r")
        await until_state(pilot, 1, SessionState.FINISHED)
        record = app.board.records[1]
        assert record.parameters["model"] == "own_form_nets:build"
        assert record.parameters["dataset"].startswith("shapes-")

        monkeypatch.chdir(tmp_path)
        app.board.select(1)
        screen = await cloned(pilot, app, 1)
        typed = screen.form.typed()
        assert typed["own_model"] == "own_form_nets:build"
        assert typed["own_dataset"] == record.parameters["dataset"]
        await until_seen(pilot, "2,355")  # weights: the code was found where the original's is
        await type_into(pilot, screen, "seed", "5")
        await pilot.press("ctrl+r")
        await until_state(pilot, 2, SessionState.FINISHED)
        assert app.board.records[2].parameters["model"] == "own_form_nets:build"

        await pilot.press("escape")
        app.board.select(2)
        screen = await cloned(pilot, app, 2)
        await type_into(pilot, screen, "own_model", "")
        typed = screen.form.typed()
        assert (typed["model"], typed["initialization"]) == ("cnn", "keras")
