"""Exported screens: exact, sanitized, whole, and never over another file unasked."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.reports.file_export import ExportError, WouldOverwriteError, write_export
from mnist_tui.tui.reports.table_formats import as_csv, as_json, as_markdown
from mnist_tui.tui.text.table import raw_table
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS

if TYPE_CHECKING:
    from pathlib import Path

SESSIONS = raw_table(
    "Sessions",
    ("id", "name", "loss", "done"),
    [(1, "base, line", 0.123456789, True), (2, 'say "hi"', float("nan"), None)],
)
CURVES = raw_table("Loss of #1: train", ("step", "loss"), [(1, float("inf")), (2, 0.5)])


def test_csv_keeps_every_value_and_leaves_out_what_is_absent() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(SESSIONS))))
    assert rows == [
        {"id": "1", "name": "base, line", "loss": "0.123456789", "done": "True"},
        {"id": "2", "name": 'say "hi"', "loss": "", "done": ""},
    ]


def test_json_is_strict_and_says_null_for_what_is_absent() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    tables = json.loads(as_json([SESSIONS, CURVES]), parse_constant=refuse)
    assert tables[0]["rows"][1] == {"id": 2, "name": 'say "hi"', "loss": None, "done": None}
    assert tables[1] == {
        "title": "Loss of #1: train",
        "rows": [{"step": 1, "loss": None}, {"step": 2, "loss": 0.5}],
    }
    assert json.loads(as_json([raw_table("none", ("a",), [])])) == [{"title": "none", "rows": []}]


def test_markdown_aligns_numbers_and_keeps_one_line_per_row() -> None:
    lines = as_markdown([SESSIONS]).splitlines()
    assert lines[0] == "## Sessions"
    assert lines[3] == "| ---: | --- | ---: | ---: |"
    assert lines[4] == "| 1 | base, line | 0.1235 | True |"
    assert len(lines) == 6


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, *MARKUP_TEXTS, "a|b\n# c", "<b>x</b>", "`rm`"])
def test_what_others_wrote_stays_text_in_every_format(text: str) -> None:
    table = raw_table(text, ("name",), [(text,)])
    for written in (as_csv(table), as_json([table]), as_markdown([table])):
        assert all(character.isprintable() or character == "\n" for character in written)
    cells = as_markdown([table]).splitlines()[-1]
    assert len(as_markdown([table]).splitlines()) == 5
    unescaped = cells[2:-2].replace("\\\\", "")
    for mark in "|<[`*":
        assert f"{mark}" not in unescaped.replace(f"\\{mark}", "")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", '@SUM("a")'])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    table = raw_table("t", ("name", "change"), [(text, -0.5)])
    (row,) = csv.DictReader(io.StringIO(as_csv(table)))
    assert row == {"name": f"'{text}", "change": "-0.5"}


def test_several_tables_are_one_csv_file_each_and_one_file_otherwise(tmp_path: Path) -> None:
    tables = [SESSIONS, CURVES, CURVES]
    sentence = write_export(str(tmp_path / "all.csv"), tables)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["all-loss-of-1-train-3.csv", "all-loss-of-1-train.csv", "all.csv"]
    assert sentence.endswith("(6 rows).")
    assert all(str(tmp_path / name) in sentence for name in names)
    assert (tmp_path / "all.csv").read_text() == as_csv(SESSIONS)
    for ending in ("json", "md"):
        write_export(str(tmp_path / f"one.{ending}"), tables)
    assert len(list(tmp_path.iterdir())) == 5


def test_a_file_is_only_replaced_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_text("mine")
    with pytest.raises(WouldOverwriteError, match=r"kept\.csv exists already\."):
        write_export(str(path), [SESSIONS])
    assert path.read_text() == "mine"
    write_export(str(path), [SESSIONS], may_replace=True)
    assert path.read_text() == as_csv(SESSIONS)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.csv"]


def test_no_table_is_written_where_one_of_its_files_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a-loss-of-1-train.csv").write_text("mine")
    with pytest.raises(WouldOverwriteError):
        write_export(str(tmp_path / "a.csv"), [SESSIONS, CURVES])
    assert not (tmp_path / "a.csv").exists()


def test_the_home_is_meant_by_a_tilde_and_the_picture_is_kept_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert write_export("~/a.SVG", [], "<svg/>") == f"Wrote {tmp_path / 'a.SVG'}."
    assert (tmp_path / "a.SVG").read_text() == "<svg/>"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("table.xlsx", "End the name with .csv, .json, .md or .svg."),
        ("", "End the name with"),
        ("/nowhere/at/all.csv", "cannot be written (No such file or directory); choose another"),
        ("/proc/x.csv", "cannot be written"),
        ("x" * 300 + ".csv", "cannot be written (File name too long)"),
        ("~nobody-of-that-name/x.csv", "There is no home folder ~nobody-of-that-name."),
        ("a\0.csv", "NUL"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(name: str, words: str) -> None:
    with pytest.raises(ExportError) as caught:
        write_export(name, [SESSIONS])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_table_only_a_picture_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no table here yet"):
        write_export(str(tmp_path / "a.csv"), [])
