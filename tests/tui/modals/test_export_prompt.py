"""Writing what a screen shows: the name says the format, and nothing is lost by a slip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from textual.widgets import Static

import mnist_tui.tui.app.app
from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.modals.confirm import Confirm
from mnist_tui.tui.modals.export_prompt import ExportPrompt
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from mnist_tui.tui.text.table import raw_table
from tests.tui.driving import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from mnist_tui.tui.text.table import Table

TABLE = raw_table("Sessions", ("id", "name"), [(1, "first")])


class Host(TerminalApp):
    """A screen with something to write."""

    CSS_PATH: ClassVar[str] = str(Path(mnist_tui.tui.app.app.__file__).with_name("app.tcss"))

    def __init__(
        self,
        tables: Sequence[Table] = (TABLE,),
        report: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self.tables = tables
        self.report = report

    def compose(self) -> ComposeResult:
        yield Static("what lies below")

    def on_mount(self) -> None:
        stem = "mnist-tui-here"
        self.push_screen(ExportPrompt(self.tables, self.export_screenshot, stem, self.report))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def prompt(pilot: Pilot[str]) -> ExportPrompt:
    assert isinstance(pilot.app.screen, ExportPrompt)
    return pilot.app.screen


async def until_written(pilot: Pilot[str], path: Path) -> None:
    await until(pilot, lambda: not isinstance(pilot.app.screen, ExportPrompt), "the box is gone")
    assert [toast.message for toast in pilot.app._notifications][-1].startswith(f"Wrote {path}")
    assert path.exists()


async def test_enter_writes_the_proposed_file_and_says_so() -> None:
    async with Host().run_test(notifications=True) as pilot:
        await pilot.pause()
        assert prompt(pilot).name_field.value == "mnist-tui-here.csv"
        await pilot.press("enter")
        await until_written(pilot, Path("mnist-tui-here.csv"))
    assert Path("mnist-tui-here.csv").read_text() == "id,name\n1,first\n"


async def test_tab_and_arrows_go_through_the_formats_and_the_name_follows() -> None:
    async with Host().run_test() as pilot:
        await pilot.pause()
        for key, ending in (
            ("tab", "json"), ("down", "md"), ("tab", "svg"), ("tab", "csv"), ("up", "svg"),
            ("shift+tab", "md"),
        ):  # fmt: skip
            await pilot.press(key)
            assert prompt(pilot).name_field.value == f"mnist-tui-here.{ending}"
            assert "[Markdown]" in str(prompt(pilot).formats.content) or ending != "md"


async def test_a_typed_ending_chooses_the_format() -> None:
    async with Host().run_test(notifications=True) as pilot:
        await pilot.pause()
        prompt(pilot).name_field.value = "typed.json"
        await pilot.press("enter")
        await until_written(pilot, Path("typed.json"))
    assert json.loads(Path("typed.json").read_text())[0]["rows"] == [{"id": 1, "name": "first"}]


async def test_a_picture_shows_the_screen_below_without_the_box() -> None:
    async with Host().run_test(notifications=True) as pilot:
        await pilot.press("tab", "tab", "tab", "enter")
        await until_written(pilot, Path("mnist-tui-here.svg"))
    picture = Path("mnist-tui-here.svg").read_text()
    assert picture.startswith("<svg")
    assert "what&#160;lies&#160;below" in picture
    assert "Markdown" not in picture


async def test_a_report_is_offered_where_there_are_sessions_and_made_when_it_is_chosen() -> None:
    async with Host(report=lambda: "<html>all</html>").run_test(notifications=True) as pilot:
        await pilot.press("shift+tab")
        assert prompt(pilot).name_field.value == "mnist-tui-here.html"
        assert "[HTML report]" in str(prompt(pilot).formats.content)
        await pilot.press("enter")
        await until_written(pilot, Path("mnist-tui-here.html"))
    assert Path("mnist-tui-here.html").read_text() == "<html>all</html>"


async def test_without_sessions_there_is_no_report() -> None:
    async with Host().run_test() as pilot:
        await pilot.press("shift+tab")
        assert prompt(pilot).name_field.value == "mnist-tui-here.svg"
        assert "HTML" not in str(prompt(pilot).formats.content)
        prompt(pilot).name_field.value = "page.html"
        await pilot.press("enter")
        complaint = prompt(pilot).complaint
        await until(pilot, lambda: "End the name with" in str(complaint.content), "it says so")


async def test_a_report_that_cannot_be_made_says_why_in_the_box() -> None:
    def fail() -> str:
        raise StorageError("The metrics are gone.")

    async with Host(report=fail).run_test() as pilot:
        await pilot.press("shift+tab", "enter")
        complaint = prompt(pilot).complaint
        await until(pilot, lambda: "metrics are gone" in str(complaint.content), "it says so")
    assert not Path("mnist-tui-here.html").exists()


async def test_another_file_is_only_overwritten_after_a_yes() -> None:
    path = Path("mnist-tui-here.csv")
    path.write_text("mine")
    async with Host().run_test(notifications=True) as pilot:
        for answer, text in (("n", "mine"), ("y", "id,name\n1,first\n")):
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm), "it asks")
            await pilot.press(answer)
            await until(pilot, lambda: not isinstance(pilot.app.screen, Confirm), "it has asked")
            await pilot.app.workers.wait_for_complete()
            assert path.read_text() == text
        await until_written(pilot, path)


async def test_what_is_wrong_stands_in_the_box_until_the_name_changes() -> None:
    async with Host().run_test() as pilot:
        await pilot.pause()
        prompt(pilot).name_field.value = "/nowhere/at/all.csv"
        await pilot.press("enter")
        complaint = prompt(pilot).complaint
        await until(pilot, lambda: "choose another folder" in str(complaint.content), "it says so")
        await pilot.press("x")
        await until(pilot, lambda: not str(complaint.content), "it is taken back")


async def test_without_a_table_a_picture_is_proposed_and_escape_writes_nothing() -> None:
    async with Host(tables=()).run_test() as pilot:
        await pilot.pause()
        assert prompt(pilot).name_field.value == "mnist-tui-here.svg"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, ExportPrompt)
    assert list(Path().iterdir()) == []
