"""The pages of predictions and confusion on a real supervisor, with real files and keys."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState
from tests.harness import SMALL_ENDLESS
from tests.tui.driving import (
    SIZES,
    opened,
    seen,
    type_text,
    until,
    until_gone,
    until_seen,
    until_told,
)
from tests.tui.evaluations import store, store_samples

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.harness import Workspace

ANSWERS = [(4, 9, 0.6), (4, 4, 0.9), (4, 9, 0.8), (7, 1, 0.7), *[(2, 2, 0.99)] * 30]
BETTER = [(4, 4, 0.9), (4, 4, 0.9), (4, 9, 0.5), (7, 2, 0.9), *[(2, 2, 0.99)] * 30]


def held(
    workspace: Workspace, name: str, answers: list[tuple[int, int, float]] | None = None
) -> int:
    """Make a session that waits; with an evaluation of the first images where there are some."""
    session_id = workspace.create(name=name, is_held=True)
    if answers:
        store(workspace.home.session(session_id), answers)
    return session_id


async def go_to(pilot: Pilot[str], session_id: int, page: str) -> None:
    await type_text(pilot, str(session_id))
    await pilot.press("enter", "enter")
    await until_seen(pilot, f"#{session_id} ")
    await pilot.press(page)


@pytest.mark.parametrize("size", SIZES)
async def test_the_matrix_is_walked_and_entered_and_left(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, size, "scored") as (app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "true 4, taken for 9: 2 images, 66.66 % of them")
        assert "▐  2▌" in seen(app)
        assert "recall" in seen(app)
        await pilot.press("up", "h", "l", "left")
        await until_seen(pilot, "true 3, taken for 8: 0 images")
        await pilot.press("j", "right")
        await until_seen(pilot, "true 4, taken for 9: 2 images")
        await pilot.press("enter")
        await until_seen(pilot, "true 4, taken for 9, most confident first: 2 images")
        await until_seen(pilot, "image #2")
        await pilot.press("right")
        await until_seen(pilot, "image #0")
        await pilot.press("escape")
        await until_seen(pilot, "true 4, taken for 9: 2 images")
        await pilot.press("o")
        await until_seen(pilot, "taken for something else, most confident first: 3 images")
        await pilot.press("escape", "escape")
        await until_seen(pilot, "NAME")


async def test_random_predictions_are_drawn_anew_and_narrowed_to_what_is_wrong(
    workspace: Workspace,
) -> None:
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (80, 24), "scored") as (app, pilot):
        await go_to(pilot, session_id, "7")
        await until_seen(pilot, "epoch 3: 91.17 % of 34 right")
        first = seen(app)
        assert "✓ right" in first
        await pilot.press("space")
        await until(pilot, lambda: seen(app) != first, "other images")
        await pilot.press("o")
        await until_seen(pilot, "wrong ones only")
        assert "✓ right" not in seen(app)
        await until_seen(pilot, "1 of 3")
        await pilot.press("l", "l", "l")
        await until_seen(pilot, "3 of 3")


async def test_samples_are_live_until_a_later_evaluation_comes(workspace: Workspace) -> None:
    session_id = held(workspace, "learning")
    folder = workspace.home.session(session_id)
    async with opened(workspace, (80, 24), "learning") as (app, pilot):
        await go_to(pilot, session_id, "7")
        await until_seen(pilot, "No image has been scored yet")
        store_samples(folder, [(4, 9, 0.5), (7, 1, 0.6)], step=10, epoch=1.0)
        await until_seen(pilot, "live, epoch 1: 0 of 2 right")
        store_samples(folder, [(4, 4, 0.5), (7, 1, 0.6)], step=20, epoch=2.0)
        await until_seen(pilot, "live, epoch 2: 1 of 2 right")
        store(folder, ANSWERS, step=20)
        await until_seen(pilot, "epoch 3: 91.17 % of 34 right")
        await pilot.press("8")
        await until_seen(pilot, "true 4, taken for 9")
        assert app.is_running


async def test_two_sessions_are_compared_cell_by_cell_and_image_by_image(
    workspace: Workspace,
) -> None:
    other = held(workspace, "other", BETTER)
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (80, 24), "scored") as (_app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "true 4, taken for 9")
        await pilot.press("equals_sign")
        await until_seen(pilot, f"difference to # {other}")
        await pilot.press("enter")
        await until_seen(pilot, f"31 right here − 32 in #{other} = −1")
        await pilot.press("o")
        await until_seen(pilot, f"here and #{other} disagree, surest first: 2 images")
        await until_seen(pilot, f"✗ #{other}   2")
        await pilot.press("escape", "escape")
        await until_seen(pilot, "91.17 %")
        await pilot.press("equals_sign", "backspace", "9", "9", "enter")
        await until_seen(pilot, "✗ there is no session 99")


async def test_models_scored_on_other_images_are_not_subtracted(workspace: Workspace) -> None:
    other = held(workspace, "other")
    store(workspace.home.session(other), ANSWERS, first_image=100)
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (120, 30), "scored") as (_app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "true 4, taken for 9")
        await pilot.press("equals_sign")
        await until_seen(pilot, "difference to")
        await pilot.press("enter")
        await until_seen(pilot, f"#{other} was scored on other images")
        await until_seen(pilot, "true 4, taken for 9: 2 images")


async def test_a_damaged_evaluation_is_one_sentence(workspace: Workspace) -> None:
    session_id = held(workspace, "scored", ANSWERS)
    (answers,) = (workspace.home.session(session_id) / "evaluation").glob("*.npz")
    answers.write_bytes(answers.read_bytes()[:-9])
    async with opened(workspace, (80, 24), "scored") as (_app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "is damaged")


async def test_what_is_in_sight_is_copied_and_written(workspace: Workspace, tmp_path: Path) -> None:
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (120, 30), "scored") as (app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "true 4, taken for 9")
        assert "sum" in app.screen.copy_text()  # type: ignore[attr-defined]
        await pilot.press("w")
        await until_seen(pilot, "Write what this screen shows")
        path = tmp_path / "confusion.json"
        await pilot.press("ctrl+u")
        await type_text(pilot, str(path))
        await pilot.press("enter")
        await until_told(pilot, "Wrote")
        titles = [table["title"] for table in json.loads(path.read_text())]
        assert titles == ["confusion", "classes"]


async def test_a_page_at_rest_draws_nothing(workspace: Workspace) -> None:
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (80, 24), "scored") as (app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "true 4, taken for 9")
        page = app.screen.query_one("#confusion")
        ticks, drawn = 0, 0

        def count_tick() -> None:
            nonlocal ticks
            ticks += 1

        def count_refresh(*_: object, **__: object) -> object:
            nonlocal drawn
            drawn += 1
            return page

        app.set_interval(0.2, count_tick)
        page.refresh = count_refresh  # type: ignore[method-assign,assignment]
        await until(pilot, lambda: ticks >= 4, "four refresh intervals passed")
        assert drawn == 0


async def test_the_next_session_shows_the_same_page(workspace: Workspace) -> None:
    other = held(workspace, "other", BETTER)
    session_id = held(workspace, "scored", ANSWERS)
    async with opened(workspace, (80, 24), "scored") as (_app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "91.17 %")
        await pilot.press("right_square_bracket")
        await until_seen(pilot, f"#{other} other")
        await until_seen(pilot, "94.11 %")
        await until_gone(pilot, "91.17 %")


async def test_a_key_scores_the_test_images_now_and_the_page_shows_them(
    workspace: Workspace,
) -> None:
    session_id = workspace.create(name="short", parameters={**SMALL_ENDLESS, "epochs": "1"})
    workspace.reach(session_id, SessionState.FINISHED)
    shutil.rmtree(workspace.home.session(session_id) / "evaluation")
    async with opened(workspace, (120, 30), "short") as (app, pilot):
        await go_to(pilot, session_id, "8")
        await until_seen(pilot, "There is no evaluation yet")
        await pilot.press("e")
        await until_told(pilot, "% of 297 test images are recognised.")
        await until_seen(pilot, "epoch 1: ")
        await until_seen(pilot, "of 297 right")
        await until_gone(pilot, f"#{session_id}: scoring")
        assert "test images scored" not in seen(app)


async def test_what_has_no_checkpoint_cannot_be_scored_and_says_so(workspace: Workspace) -> None:
    session_id = held(workspace, "waiting")
    async with opened(workspace, (120, 30), "waiting") as (_app, pilot):
        await go_to(pilot, session_id, "7")
        await until_seen(pilot, "No image has been scored yet")
        await pilot.press("e")
        await until_told(pilot, "checkpoint")
        await until_gone(pilot, "scoring the test images")
