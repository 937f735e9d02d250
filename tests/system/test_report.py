"""`report` on stored sessions of digits, without a supervisor; golden files hold what it prints."""

from __future__ import annotations

import csv
import io
import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.parameters.hyperparameters import FIELDS
from tests.harness import new_workspace
from tests.system.command import json_of, make, mnist_tui, output_of, store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace


def report_of(workspace: Workspace, *words: object) -> Any:
    return json_of(workspace.home, "report", *words, "-o", "-")


def test_json_has_everything_and_the_figures_are_those_of_other_commands(
    stored: Workspace,
) -> None:
    result = report_of(stored, 1, 2)
    assert result["differing"] == ["learning_rate"]
    assert result["comparison"] == json_of(stored.home, "compare", 1, 2)
    first = result["sessions"][0]
    assert first["metrics"] == result["comparison"]["sessions"][0]["metrics"]
    shown = json_of(stored.home, "show", 1)
    assert first["parameters"] == shown["parameters"]
    assert (first["name"], first["tags"], first["state"]) == (
        "baseline",
        ["night", "adam"],
        "finished",
    )
    evaluation = first["evaluation"]
    assert evaluation["accuracy"] == shown["test_accuracy"]
    assert sum(map(sum, evaluation["confusion"])) == evaluation["num_images"]
    assert sum(each["support"] for each in evaluation["classes"]) == evaluation["num_images"]
    assert len(evaluation["mistakes"]) == min(24, evaluation["num_mistakes"])
    sureness = [mistake["confidence"] for mistake in evaluation["mistakes"]]
    assert sureness == sorted(sureness, reverse=True)
    val = [row for row in json_of(stored.home, "metrics", 1) if row["split"] == "val"]
    assert first["curves"]["val_loss"]["loss"] == [row["loss"] for row in val]
    assert first["curves"]["val_loss"]["epoch"] == [1.0, 2.0, 3.0]
    assert first["fingerprint"]["torch"]


def test_the_reported_command_trains_what_the_session_trained(digits_dir: Path) -> None:
    with new_workspace(digits_dir) as workspace:
        options = "--model cnn --filters 8-16 --kernel-size 5 --optimizer sgd --momentum 0.9"
        make(workspace, *options.split(), "--learning-rate", 0.05, "--seed", 3, "--hold")
        (session,) = report_of(workspace, 1)["sessions"]
        program, *words = shlex.split(session["command"])
        assert program == "mnist-tui"
        again = json_of(workspace.home, "--data-dir", digits_dir, *words, "--dry-run")
        assert again == session["parameters"]


def test_csv_has_a_row_per_session(stored: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    output_of(stored.home, "report", 1, 2, 8, "-o", path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert [row["name"] for row in rows] == ["baseline", "lr 0.01", "held"]
    assert {*FIELDS, *(metric.name for metric in METRICS), "ece", "command"} <= set(rows[0])
    result = report_of(stored, 1, 2, 8)["sessions"]
    for row, session in zip(rows, result, strict=True):
        assert row["command"] == session["command"]
        value = session["metrics"]["test_accuracy"]
        assert row["test_accuracy"] == ("" if value is None else repr(value))
    assert rows[0]["fingerprint_data"] == result[0]["fingerprint"]["data"]


def test_without_the_dataset_the_page_shows_no_images_but_the_rest(
    stored: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "page.HTML"
    output_of(stored.home, "report", 3, "-o", path)
    assert "data:image/png" in path.read_text(encoding="utf-8")
    hidden = stored.data_dir.rename(tmp_path / "hidden")
    try:
        output_of(stored.home, "report", 3, "-o", path, "--force")
    finally:
        hidden.rename(stored.data_dir)
    text = path.read_text(encoding="utf-8")
    assert "data:image/png" not in text
    assert "no image" in text
    assert "Confusion matrix" in text


def test_more_sessions_than_one_chart_can_hold_are_still_reported(workspace: Workspace) -> None:
    store(
        workspace.home, *(f"session {number}" for number in range(12)), state=SessionState.STOPPED
    )
    text = output_of(workspace.home, "report", "state:stopped", "-o", "-")
    assert "More than 10 curves cannot be told apart" in text
    assert "## Comparison" not in text
    assert report_of(workspace, "state:stopped")["comparison"] is None


def test_a_study_is_reported_as_a_whole(stored: Workspace) -> None:
    report = report_of(stored, "--study", "rates")
    assert report["study"] == json_of(stored.home, "study", "show", "rates")
    text = output_of(stored.home, "report", "--study", "rates", "-o", "-", "--csv")
    rows = csv.DictReader(io.StringIO(text))
    assert sorted((row["study"], row["row"], row["seed"]) for row in rows) == [
        ("rates", label, seed) for label in ("large rate", "small rate") for seed in "01"
    ]


def test_a_report_starts_no_supervisor(stored: Workspace) -> None:
    output_of(stored.home, "report", 1, "-o", "-")
    assert stored.processes() == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("1", "-o", "there.txt"), 1, "End the name with .html, .md, .csv or .json."),
        (("1", "-o", "nowhere/report.html"), 1, "There is no folder "),
        (("1", "-o", "kept.md"), 1, "kept.md exists already; --force replaces it."),
        (("1", "-o", "new.md", "--json"), 2, "--json goes with -o -"),
        (("99", "-o", "new.md"), 1, "There is no session #99"),
        (("state:paused", "-o", "new.md"), 1, "No session matches"),
        (("-o", "new.md"), 2, "Give IDs, or --study NAME"),
        (("1", "--study", "night", "-o", "new.md"), 2, "Give IDs, or --study NAME"),
        (("--study", "night", "-o", "new.md"), 1, "No session is of a study night"),
        (("1",), 2, "Missing option"),
        (("1", "-o", "folder.md", "--force"), 1, "folder.md cannot be written ("),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(
    stored: Workspace, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    (tmp_path / "kept.md").write_text("kept")
    (tmp_path / "folder.md").mkdir()
    given = [str(tmp_path / word) if "." in word else word for word in words]
    done = mnist_tui(stored.home, "report", *given)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "kept.md").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.md", "kept.md"]


def test_with_force_a_file_is_replaced_whole(stored: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("before")
    done = mnist_tui(stored.home, "report", 1, "-o", path, "--force")
    assert done.stderr == f"Wrote {path} (1 session).\n"
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == 1
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_stored_names_cannot_steer_the_terminal_or_the_page(
    workspace: Workspace, tmp_path: Path
) -> None:
    store(workspace.home, "evil\033]0;title\a<script>", "\u202eother")
    for form in ("--csv", "--md", "--json"):
        text = output_of(workspace.home, "report", 1, 2, "-o", "-", form)
        assert "evil" in text
        assert not set("\033\a\u202e") & set(text)
    path = tmp_path / "page.html"
    output_of(workspace.home, "report", 1, 2, "-o", path)
    text = path.read_text(encoding="utf-8")
    assert "evil" in text
    assert not set("\033\a\u202e") & set(text)
    assert "<script" not in text
