"""The screen of a study: reached with its key, kept up with its sessions, written as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import StudyPlace
from mnist_tui.training.protocol.requests import KeepStudy
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from mnist_tui.training.studies.study_definition import Study, StudyRow, to_plain
from mnist_tui.tui.modals.export_prompt import ExportPrompt
from mnist_tui.tui.screens.study import StudyScreen
from tests.tui.driving import SIZES, opened, seen, until, until_seen, until_told

if TYPE_CHECKING:
    from tests.harness import Workspace

STUDY = Study(
    name="rates",
    title="Two rates",
    rows=(
        StudyRow(label="small", published={"test_accuracy": 0.8050}),
        StudyRow(label="large"),
        StudyRow(label="huge"),
    ),
    findings=("adam-above-sgd",),
)
PARAMETERS = {"epochs": "1", "batch_size": "256", "model": "lenet", "threads": "1"}


def run(workspace: Workspace, *, is_held: bool = False) -> None:
    with connect_or_start(workspace.home) as client:
        client.request(
            KeepStudy, run="rates", definition=to_plain(STUDY), left_out={"huge": "Too large."}
        )
    for row in ("small", "large"):
        workspace.create(
            parameters=PARAMETERS,
            name=f"rates {row}",
            study=StudyPlace(run="rates", row=row),
            is_held=is_held,
        )


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_shows_the_study_of_a_session(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    run(workspace, is_held=True)
    async with opened(workspace, size, "rates large") as (app, pilot):
        await pilot.press("s")
        await until_seen(pilot, "0 of 2 sessions finished, 2 held; seeds 0.")
        page = seen(app)
        assert "– (80.50)" in page
        assert "huge   not measured" in page or "huge: not measured. Too large." in page
        assert "not known yet  Adam is better than SGD." in page
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportPrompt), "the prompt is open")
        await pilot.press("escape", "q")
        await until_seen(pilot, "rates large")
        assert not isinstance(app.screen, StudyScreen)


async def test_the_table_follows_sessions_that_finish(workspace: Workspace) -> None:
    run(workspace)
    async with opened(workspace, (160, 45), "rates large") as (app, pilot):
        await pilot.press("s")
        await until_seen(pilot, "2 of 2 sessions finished")
        (row,) = [line for line in seen(app).splitlines() if line.startswith(" small ")]
        assert "1/1" in row
        assert "–" not in row


async def test_a_session_of_no_study_says_so(workspace: Workspace) -> None:
    workspace.create(name="alone", is_held=True)
    async with opened(workspace, (80, 24), "alone") as (app, pilot):
        await pilot.press("s")
        await until_told(pilot, "#1 is of no study")
        assert not isinstance(app.screen, StudyScreen)
