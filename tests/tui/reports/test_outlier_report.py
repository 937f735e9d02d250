"""Output of `outliers`: a line for each image, aligned, and as many sessions as fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mnist_tui.storage.results.outlier_tests import LOG_ODDS
from mnist_tui.tui.reports.outlier_report import OutlierResult, as_plain, report_lines
from mnist_tui.tui.text.abbreviations import display_width
from tests.storage.outlier_files import small_answers, small_test
from tests.storage.samples import sample_record


def shown(session_id: int, *classes: int, seed: int = 0, **changes: Any) -> OutlierResult:
    record = sample_record(session_id)
    record = replace(record, parameters={**record.parameters, "seed": seed})
    test = small_test(**changes)
    answers = small_answers(*classes, has_passes=test.num_passes > 0)
    return OutlierResult(record, test, answers, Path("/answers.npz"))


def test_each_image_has_a_line_and_each_session_its_figures() -> None:
    lines = report_lines([shown(7)], None)
    assert lines[0] == "Out-of-distribution images: 3 signs that the program draws"
    assert lines[2:6] == [
        "IMAGE  #7 session 7",
        "A      8 55.00 %  same",
        "E      0 55.00 %  0 2 0",
        "?      8 55.00 %  same",
    ]
    assert lines[7:9] == [
        "ID  NAME        STEP  AUROC SOFTMAX  ENERGY  MEAN MAX %  MOST OFTEN  3 PASSES",
        " 7  session 7  1,234         0.9123  0.9500       55.00  8, 2 of 3   2 of 3 same",
    ]
    assert "the 297 test images scores higher" in lines[10]
    assert lines[11].startswith("#7: behind the probability what 3 passes with dropout active")
    assert len(lines) == 12


def test_sessions_that_differ_in_their_seed_alone_are_compared() -> None:
    group = [shown(7, 8, 0, 8), shown(8, 8, 2, 8, seed=1)]
    lines = report_lines(group, None)
    assert lines[2].endswith("SEEDS #7, #8")
    assert [line.split("  ")[-1] for line in lines[3:6]] == ["same", "0 2", "same"]
    assert "#7, #8 differ in their seed alone: the same answer to 2 of 3 images." in lines
    [plain] = as_plain(group)["seeds"]
    assert (plain["sessions"], plain["num_same"]) == ([7, 8], 2)
    assert plain["answers"][1] == {"image": "E", "classes": ["0", "2"], "is_same": False}


def test_what_has_no_dropout_or_other_scores_says_so() -> None:
    lines = report_lines([shown(7, num_passes=0, scores=LOG_ODDS, auroc_energy=None)], None)
    assert lines[3] == "A      8 55.00 %"
    assert lines[8].split()[-2:] == ["no", "dropout"]
    assert "–" in lines[8]
    assert any("no dropout to be active, and repeats are identical" in line for line in lines)
    assert any(line.startswith("#7: scores are the log-odds") for line in lines)


def test_classes_go_by_their_names() -> None:
    lines = report_lines([shown(7, dataset="fashion-mnist")], None)
    assert lines[3] == "A          bag 55.00 %  same"
    assert lines[4] == "E      T-shirt 55.00 %  T-shirt pullover T-shirt"


def test_a_narrow_terminal_has_sessions_below_each_other_and_names_cut() -> None:
    names = ("a" * 60 + ".png", "\x1b[2J.png", "c.png")
    many = [shown(each, names=names, seed=each) for each in range(1, 7)]
    lines = report_lines(many, 80)
    notes = next(place for place, line in enumerate(lines) if line.startswith("AUROC"))
    assert all(display_width(line) <= 80 for line in lines[2:notes])
    assert sum(line.startswith("IMAGE") for line in lines) == 3
    assert not any("\x1b" in line for line in lines)
