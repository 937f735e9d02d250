from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.history import HistoryEntry, HistoryWriter, read_history
from mnist_tui.tui.pages.history_page import history_text
from mnist_tui.tui.pages.model_page import layer_text
from mnist_tui.tui.pages.parameters_page import parameter_text
from mnist_tui.tui.sessions.session_tables import history_table, layer_table
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY: dict[str, Any] = {
    "num_parameters": 1_000,
    "layers": [
        {"name": "conv1", "kind": "Conv2d", "shape": [4, 26, 26], "num_parameters": 250},
        {"name": "flatten", "kind": "Flatten", "shape": [2704], "num_parameters": 0},
        {"name": "dense1", "kind": "Linear", "shape": [10], "num_parameters": 750},
    ],
}


def test_the_network_is_shown_layer_by_layer_with_shapes_and_shares() -> None:
    lines = layer_text(make_record(1), SUMMARY, 80).plain.splitlines()
    assert lines[0] == "cnn: 1,000 weights, 4.0 kB as float32"
    assert lines[3].split() == ["conv1", "Conv2d", "4×26×26", "250", "25.00"]
    assert lines[4].split() == ["flatten", "Flatten", "2704", "0"]
    assert layer_table(SUMMARY["layers"]).rows[2] == ("dense1", "Linear", "10", 750)


def test_the_history_shows_how_long_each_command_took(tmp_path: Path) -> None:
    writer = HistoryWriter(tmp_path / "history.jsonl")
    for event, time, extra in [
        ("requested", "2026-01-01T12:00:00.000Z", {"command": "pause", "by": "tui pid 7"}),
        ("seen", "2026-01-01T12:00:00.040Z", {"step": 412}),
        ("done", "2026-01-01T12:00:00.310Z", {"step": 412}),
    ]:
        writer.append(HistoryEntry(event=event, time=time, number=3, **extra))  # type: ignore[arg-type]
    writer.append(HistoryEntry(event="changed", time="2026-01-01T12:00:01.000Z", text="paused"))
    newest, command = history_text(tmp_path).plain.splitlines()[1:]
    assert newest.split() == ["2026-01-01", "12:00:01", "state", "paused"]
    assert command.split() == [
        "2026-01-01", "12:00:00", "pause", "+40", "ms", "+310", "ms", "412", "tui", "pid", "7",
    ]  # fmt: skip
    assert history_table(read_history(tmp_path / "history.jsonl")).rows[0][:3] == (
        "2026-01-01T12:00:00.000Z", "pause", "2026-01-01T12:00:00.040Z",
    )  # fmt: skip


def test_the_history_shows_the_result_of_a_command_before_its_sender(tmp_path: Path) -> None:
    writer = HistoryWriter(tmp_path / "history.jsonl")
    asked = HistoryEntry(
        event="requested", time="2026-01-01T12:00:00.000Z", number=3, command="snapshot", by="tui"
    )
    writer.append(asked)
    writer.append(
        HistoryEntry(event="refused", time="2026-01-01T12:00:00.040Z", number=3, text="no room")
    )
    line = history_text(tmp_path).plain.splitlines()[1]
    assert line.endswith("refused: no room  tui")


def test_a_history_that_is_not_there_or_damaged_is_a_sentence(tmp_path: Path) -> None:
    assert history_text(tmp_path).plain == "nothing has happened yet"
    (tmp_path / "history.jsonl").mkdir()
    assert "cannot be read" in history_text(tmp_path).plain


@pytest.mark.parametrize("width", [60, 79, 100, 160, 220])
def test_every_parameter_fits_its_line(width: int) -> None:
    lines = parameter_text(make_record(1), width).plain.splitlines()
    assert all(len(line) <= width for line in lines)
    assert any(line.startswith("learning_rate") for line in lines)
