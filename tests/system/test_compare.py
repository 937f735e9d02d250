"""`compare` on stored sessions of digits; golden files hold what it prints."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.stored_results import StoredResults
from tests.system.command import ENDLESS, json_of, mnist_tui, output_of, running, store

if TYPE_CHECKING:
    from tests.harness import Workspace


def test_the_figures_are_those_that_the_sessions_measured(stored: Workspace) -> None:
    result = json_of(stored.home, "compare", 1, 2)
    assert result["differing"] == ["learning_rate"]
    assert result["baseline"] == 1
    base, hot = result["sessions"]
    rows = json_of(stored.home, "metrics", 1)
    val = [row for row in rows if row["split"] == "val"]
    assert base["metrics"]["val_accuracy"] == val[-1]["accuracy"]
    assert base["metrics"]["val_accuracy_best"] == max(row["accuracy"] for row in val)
    assert base["metrics"]["val_loss_best"] == min(row["loss"] for row in val)
    assert base["metrics"]["test_mse"] == rows[-1]["mse"]
    assert base["metrics"]["num_parameters"] == 775
    assert base["metrics"]["checkpoint_bytes"] > 3 * 4 * 775
    assert base["metrics"]["trained_s"] > 0
    assert set(base["metrics"]) == {metric.name for metric in METRICS}
    assert hot["differences"]["val_accuracy"] == pytest.approx(
        hot["metrics"]["val_accuracy"] - base["metrics"]["val_accuracy"]
    )
    assert hot["parameters"] == {"learning_rate": 0.01}


def test_another_baseline_reverses_the_differences(stored: Workspace) -> None:
    first = json_of(stored.home, "compare", 1, 2)["sessions"][1]["differences"]
    second = json_of(stored.home, "compare", 1, 2, "--baseline", "lr 0.01")
    assert second["baseline"] == 2
    assert second["sessions"][0]["differences"]["val_loss"] == -first["val_loss"]
    added = json_of(stored.home, "compare", 1, 3, "--baseline", 2)
    assert [session["id"] for session in added["sessions"]] == [2, 1, 3]


def test_sessions_that_differ_in_the_seed_have_a_mean_and_deviation(stored: Workspace) -> None:
    result = json_of(stored.home, "compare", 9, 11)
    assert result["notes"][0] == "1 parameter differs: seed."
    assert "same parameters, different seeds: final accuracy validation" in result["notes"][1]


def test_the_accuracy_to_reach_can_be_chosen(stored: Workspace) -> None:
    result = json_of(stored.home, "compare", 1, 2, "--accuracy", 0.01)
    assert result["accuracy"] == 0.01
    assert {session["metrics"]["epochs_to_accuracy"] for session in result["sessions"]} == {1.0}
    assert result["sessions"][0]["metrics"]["seconds_to_accuracy"] > 0
    assert "epochs to 1 %" in output_of(stored.home, "compare", 1, 2, "--accuracy", 0.01)


def test_csv_and_markdown_hold_the_same_values(stored: Workspace) -> None:
    result: Any = json_of(stored.home, "compare", 1, 2)
    text = output_of(stored.home, "compare", 1, 2, "--csv")
    lines = {line["measure"]: line for line in csv.DictReader(io.StringIO(text))}
    for metric in METRICS:
        value = result["sessions"][1]["metrics"][metric.name]
        cell = lines[metric.name]["#2 lr 0.01"]
        assert (float(cell) if cell else None) == value
    markdown = output_of(stored.home, "compare", 1, 2, "--md")
    assert markdown.startswith("## Comparison with ")
    assert len(markdown.splitlines()) == len(lines) + 4


def test_comparing_starts_no_supervisor(stored: Workspace) -> None:
    output_of(stored.home, "compare", 1, 2)
    assert stored.processes() == []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("1",), 1, "1 session cannot be compared (#1); give 2 to 10 different ones."),
        (("1", "1", "#1"), 1, "1 session cannot be compared (#1); give 2 to 10 different ones."),
        (("1", "99"), 1, "There is no session #99"),
        (("1", "2", "--baseline", "nobody"), 1, "There is no session nobody"),
        (("1", "2", "--accuracy", "98"), 2, "--accuracy"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    stored: Workspace, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = mnist_tui(stored.home, "compare", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_more_than_ten_are_refused_and_ten_are_not(workspace: Workspace) -> None:
    store(workspace.home, *(f"session {number}" for number in range(11)))
    done = mnist_tui(workspace.home, "compare", "state:finished")
    assert done.returncode == 1
    assert done.stderr.startswith("11 sessions cannot be compared (#1, #2, ")
    assert "All parameters are the same." in output_of(workspace.home, "compare", *range(1, 11))


def test_stored_names_cannot_steer_the_terminal(workspace: Workspace) -> None:
    store(workspace.home, "evil\033]0;title\a", "\u202eother")
    for form in ((), ("--csv",), ("--md",), ("--json",)):
        text = output_of(workspace.home, "compare", 1, 2, *form)
        assert "evil" in text
        assert not set("\033\a\u202e") & set(text)


def test_files_are_read_again_only_where_they_have_grown(shared: Workspace) -> None:
    session_id = running(shared, *ENDLESS[2:])
    measuring = StoredResults(shared.home, session_id)
    first = measuring.read(shared.record(session_id))
    shared.reach_step(session_id, shared.record(session_id).progress.position.step + 50)
    later = measuring.read(shared.record(session_id))
    assert len(later.train) > len(first.train)
    assert later.trained_s is not None
    assert first.trained_s is not None
    assert later.trained_s > first.trained_s
    output_of(shared.home, "stop", session_id, "--wait")
    ended = measuring.read(shared.record(session_id))
    assert ended.checkpoint_bytes
    assert measuring.read(shared.record(session_id)) is ended
