"""The page of outliers on a real supervisor, with real files, tasks and keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.outlier_tests import (
    answers_path,
    list_outlier_tests,
    write_outlier_test,
)
from tests.harness import SMALL_ENDLESS
from tests.storage.outlier_files import small_answers, small_test
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
from tests.tui.test_evaluation_pages import go_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

QUICK = {**SMALL_ENDLESS, "model": "cnn", "filters": "4-8", "epochs": "1", "batch_size": "256"}
"""A network with dropout that is trained in a moment."""


def with_test(workspace: Workspace, seed: int, *answers: int) -> int:
    """Make a session that waits, with a test of three images."""
    parameters = {**QUICK, "seed": str(seed)}
    session_id = workspace.create(name=f"seed-{seed}", parameters=parameters, is_held=True)
    write_outlier_test(workspace.home.session(session_id), small_test(), small_answers(*answers))
    return session_id


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_shows_the_model_signs_and_the_page_what_it_takes_them_for(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    session_id = workspace.create(name="short", parameters=QUICK)
    workspace.reach(session_id, SessionState.FINISHED)
    async with opened(workspace, size, "short") as (app, pilot):
        await go_to(pilot, session_id, "O")
        await until_seen(pilot, f"show #{session_id}: signs")
        await until_seen(pilot, "No out-of-distribution images have been tested")
        await pilot.press("enter")
        await until_told(pilot, "16 signs that the program draws.")
        await until_seen(pilot, "1 of 16")
        await until(pilot, lambda: not app.screen._progress, "no progress is left")  # type: ignore[attr-defined]
        [test] = list_outlier_tests(workspace.home.session(session_id))
        assert f"{test.auroc_energy:.3f}"[:-1] in seen(app)
        await pilot.press("right", "j", "k", "l")
        await until_seen(pilot, "3 of 16")
        await pilot.press("G")
        await until_seen(pilot, "16 of 16")
        await pilot.press("escape")
        await until_seen(pilot, "NAME")


async def test_a_folder_of_pictures_is_asked_for_and_what_is_wrong_is_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    session_id = workspace.create(name="short", parameters=QUICK)
    workspace.reach(session_id, SessionState.FINISHED)
    async with opened(workspace, (120, 30), "short") as (_app, pilot):
        await go_to(pilot, session_id, "O")
        await until_seen(pilot, "show #")
        await type_text(pilot, "x")
        await pilot.press("enter")
        await until_seen(pilot, "✗ there is no such dataset")
        await pilot.press("ctrl+u")
        await type_text(pilot, str(tmp_path))
        await pilot.press("enter")
        await until_told(pilot, f"There is no PNG or JPEG file in {tmp_path}")
        await until_gone(pilot, f"#{session_id}: showing images")
        Image.new("L", (50, 20), 200).save(tmp_path / "bad\x1b[31mname.png")
        await pilot.press("O", "ctrl+u")
        await until_seen(pilot, "show #")
        await type_text(pilot, str(tmp_path))
        await pilot.press("enter")
        await until_told(pilot, "1 picture in")
        await until_seen(pilot, "bad\ufffd[31mname.png")


async def test_seeds_agree_or_not_and_only_what_differs_is_shown(workspace: Workspace) -> None:
    with_test(workspace, 1, 8, 0, 3)
    session_id = with_test(workspace, 0)
    async with opened(workspace, (120, 30), "seed-0") as (app, pilot):
        await go_to(pilot, session_id, "9")
        await until_seen(pilot, "seeds  same")
        await pilot.press("l", "l")
        await until_seen(pilot, "seeds  differ")
        await pilot.press("o")
        await until_seen(pilot, "differing ones only")
        assert "1 of 2" in seen(app)
        await pilot.press("o")
        await until_seen(pilot, "1 of 3")


async def test_several_tests_are_gone_through_and_the_neighbour_begins_with_its_newest(
    workspace: Workspace,
) -> None:
    other = with_test(workspace, 1)
    session_id = with_test(workspace, 0)
    newer = small_test(source="3 pictures", source_key="folder-1", created_at="2036-01-01")
    for each in (session_id, other):
        write_outlier_test(workspace.home.session(each), newer, small_answers())
    async with opened(workspace, (120, 30), "seed-0") as (_app, pilot):
        await go_to(pilot, session_id, "9")
        await until_seen(pilot, "test 1 of 2")
        await until_seen(pilot, "softmax, 3 pictures")
        await pilot.press("space")
        await until_seen(pilot, "softmax, 3 signs that the program draws")
        await pilot.press("space")
        await until_seen(pilot, "test 1 of 2")
        await pilot.press("space")
        await until_seen(pilot, "test 2 of 2")
        await pilot.press("right_square_bracket")
        await until_seen(pilot, f"#{other} seed-1")
        await until_seen(pilot, "test 1 of 2")


async def test_what_has_learnt_nothing_is_shown_nothing_and_the_key_is_grey(
    workspace: Workspace,
) -> None:
    session_id = workspace.create(name="waiting", parameters=QUICK, is_held=True)
    async with opened(workspace, (160, 45), "waiting") as (app, pilot):
        await go_to(pilot, session_id, "9")
        await until_seen(pilot, "No out-of-distribution images have been tested")
        await pilot.press("O")
        await until_told(pilot, "has learnt nothing yet")
        assert f"show #{session_id}" not in seen(app)
        grey = {key for key, _, is_grey in app.screen.footer._shown if is_grey}  # type: ignore[attr-defined]
        assert {"O", "e"} <= grey


async def test_a_damaged_test_is_one_sentence_and_that_of_a_seed_is_left_out(
    workspace: Workspace,
) -> None:
    other = with_test(workspace, 1)
    session_id = with_test(workspace, 0)
    path = answers_path(workspace.home.session(other), small_test())
    path.write_bytes(path.read_bytes()[:-9])
    async with opened(workspace, (120, 30), "seed-0") as (app, pilot):
        await go_to(pilot, session_id, "9")
        await until_seen(pilot, f"#{other} is left out: ")
        assert "seeds" not in seen(app)
        assert "1 of 3" in seen(app)
        await pilot.press("right_square_bracket")
        await until_seen(pilot, "is damaged")


async def test_what_is_in_sight_is_copied_and_written(workspace: Workspace, tmp_path: Path) -> None:
    session_id = with_test(workspace, 0)
    async with opened(workspace, (120, 30), "seed-0") as (app, pilot):
        await go_to(pilot, session_id, "9")
        await until_seen(pilot, "1 of 3")
        assert "E: 0 at 55.00 %" in app.screen.copy_text()  # type: ignore[attr-defined]
        await pilot.press("w")
        await until_seen(pilot, "Write what this screen shows")
        path = tmp_path / "outliers.json"
        await pilot.press("ctrl+u")
        await type_text(pilot, str(path))
        await pilot.press("enter")
        await until_told(pilot, "Wrote")
        assert [table["title"] for table in json.loads(path.read_text())] == ["outliers"]
