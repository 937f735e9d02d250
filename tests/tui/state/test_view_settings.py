from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.state.sort_order import Sort
from mnist_tui.tui.state.view_settings import ViewMemory, ViewSettings, view_path

if TYPE_CHECKING:
    from pathlib import Path


def test_the_view_is_there_again_when_the_screen_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "view.json"
    memory = ViewMemory(path)
    assert memory.settings == ViewSettings()
    memory.update(theme="light", sort=Sort("val", True), columns=("tags", "loss"))
    memory.update(chart=ChartView(smoothing=0.9, is_log=True, x_unit="time"))
    memory.save()
    assert ViewMemory(path).settings == memory.settings
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 99}',
        b'{"chart": {"x_unit": "miles"}}',
        b'{"chart": {"smoothing": 1}}',
        b'{"accuracy_target": 98}',
        b"\xff",
    ],
)
def test_a_file_that_cannot_be_used_counts_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "view.json"
    path.write_bytes(content)
    assert ViewMemory(path).settings == ViewSettings()


def test_where_nothing_can_be_written_nothing_is_lost_but_the_view(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    memory = ViewMemory(blocked / "view.json")
    memory.update(theme="light")
    memory.save()
    assert memory.settings.theme == "light"


def test_the_state_folder_of_the_user_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert str(view_path()) == "/somewhere/mnist-tui/view.json"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert str(view_path()).endswith("/.local/state/mnist-tui/view.json")
