"""The data screen: the dataset of the selected session, reached with its key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.datasets.dataset_folder import file_of
from mnist_tui.tui.modals.export_prompt import ExportPrompt
from mnist_tui.tui.screens.data import DataScreen
from mnist_tui.tui.state.messages import DataOpened
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from mnist_tui.tui.widgets.lines_widget import LinesWidget
from tests.dataset_files import write_small_dataset
from tests.tui.driving import SIZES, app_of, opened, seen, services_in, until, until_seen

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App
    from textual.pilot import Pilot

    from tests.harness import Workspace

STYLES = Path(__file__).parents[3] / "tui" / "app" / "app.tcss"


class Stand(TerminalApp):
    """The data screen alone, of one session."""

    CSS_PATH = STYLES

    def __init__(self, folder: Path, **parameters: Any) -> None:
        super().__init__()
        self.wish = DataOpened("#7 learner", folder, parameters)
        self.services = services_in(folder)

    def on_ready(self) -> None:
        self.push_screen(DataScreen(self.services, self.wish))


def page_of(app: App[str]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def shown(pilot: Pilot[str], text: str) -> str:
    await until(pilot, lambda: text in page_of(pilot.app), f"{text!r} is on the screen")
    return page_of(pilot.app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_shows_what_the_selected_session_learns_from(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    parameters = {"dataset": "digits", "subset": "1000", "validation": "100"}
    workspace.create(parameters=parameters, name="learner", is_held=True)
    async with opened(workspace, size, "learner") as (app, pilot):
        await pilot.press("I")
        await until_seen(pilot, "split standard, subset 1,000")
        page = seen(app)
        assert "#1 learner" in page
        assert [line.split()[1] for line in page.splitlines() if line.startswith(" train")] == [
            "900"
        ]
        await pilot.press("q")
        await until_seen(pilot, "learner")
        assert not isinstance(app.screen, DataScreen)


async def test_the_form_shows_what_its_session_would_learn_from(workspace: Workspace) -> None:
    workspace.create(parameters={"dataset": "digits"}, name="brings the digits", is_held=True)
    app = app_of(workspace, split="pooled", subset="1005")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "brings the digits")
        await pilot.press("n")
        await until_seen(pilot, "New session")
        await pilot.press("f3")
        await until_seen(pilot, "subset: 1,005 cannot be as many images")
        await pilot.press("1", "0", "0", "0", "f3")
        await until_seen(pilot, "split pooled, subset 1,000")
        assert "of a new session" in seen(app)
        await pilot.press("escape")
        await until_seen(pilot, "New session")


async def test_images_are_scrolled_to_and_all_of_it_is_copied(tmp_path: Path) -> None:
    write_small_dataset(tmp_path)
    app = Stand(tmp_path, dataset="digits", validation=10)
    async with app.run_test(size=(80, 24)) as pilot:
        first = await shown(pilot, "CLASS")
        assert "▀" not in first
        await pilot.press("G")
        await until(
            pilot,
            lambda: app.screen.query_one(LinesWidget).scroll_offset.y > 20,
            "the end",
        )
        assert "CLASS" not in page_of(app)
        assert "FIRST TRAINING IMAGES" in app.screen.query_one(LinesWidget).text
        await pilot.press("g")
        await shown(pilot, "CLASS")


async def test_it_is_written_as_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_dataset(tmp_path)
    monkeypatch.chdir(tmp_path)
    app = Stand(tmp_path, dataset="digits", split="pooled")
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, "split pooled")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportPrompt), "the box is there")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "mnist-tui-data.csv").exists(), "it is written")
    rows = (tmp_path / "mnist-tui-data.csv").read_text().splitlines()
    assert rows[0] == "class,train,validation,test"
    counts = [list(map(int, row.split(",")[1:])) for row in rows[1:]]
    assert [sum(split) for split in zip(*counts, strict=True)] == [36, 12, 12]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"dataset": "kmnist"}, "`mnist-tui new --dataset kmnist` downloads it first"),
        ({"dataset": "imagenet"}, "does not know the dataset imagenet"),
        ({"dataset": "digits", "subset": 1_000}, "the smallest has 4; use 40 or less"),
    ],
)
async def test_what_cannot_be_shown_is_a_sentence(
    tmp_path: Path, parameters: dict[str, Any], words: str
) -> None:
    write_small_dataset(tmp_path)
    app = Stand(tmp_path, **parameters)
    async with app.run_test(size=(300, 24)) as pilot:
        await shown(pilot, words)


async def test_a_damaged_file_is_a_sentence_that_fits(tmp_path: Path) -> None:
    write_small_dataset(tmp_path)
    path = file_of(tmp_path, "digits", "test", "labels")
    path.write_bytes(path.read_bytes()[:-1])
    app = Stand(tmp_path, dataset="digits")
    async with app.run_test(size=(60, 20)) as pilot:
        page = await shown(pilot, "is damaged")
        assert "--data-dir." in " ".join(page.split())
