"""A full disk pauses a training and costs nothing once there is room."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.errors import DiskFullError
from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position
from mnist_tui.training.engine.loop import Outcome, train
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.training.worlds import (
    LOST,
    CountedLease,
    KeepingSink,
    ScriptedControl,
    comparable,
    digest,
    small_run,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class NarrowSink(KeepingSink):
    """Has no room for some writes, by their numbers: rows have 1, 3, …, checkpoints 2, 4, ….

    Where a checkpoint is written after each step, a failure is noticed one step later.
    """

    def __init__(self, refused: Sequence[int]) -> None:
        super().__init__()
        self._refused = set(refused)
        self._next_rows, self._next_checkpoint = 1, 2

    @property
    def num_writes(self) -> int:
        return max(self._next_rows, self._next_checkpoint) - 2

    def rows(self, rows: Sequence[MetricRow]) -> None:
        self._next_rows += 2
        self._make_room(self._next_rows - 2, "metrics.jsonl could not be written (No space left)")
        super().rows(rows)

    def checkpoint(self, content: bytes, position: Position, **told: Any) -> CheckpointInfo:
        self._next_checkpoint += 2
        self._make_room(
            self._next_checkpoint - 2,
            "The checkpoint cannot be saved in /h/1 (No space left); make room",
        )
        return super().checkpoint(content, position, **told)

    def _make_room(self, number: int, text: str) -> None:
        if number in self._refused:
            raise DiskFullError(text)


def trained(sink: KeepingSink, control: ScriptedControl | None = None) -> tuple[Outcome, Any]:
    run = small_run(checkpoint_every=0, log_every=1)
    return train(run, control or ScriptedControl(), sink, CountedLease()), run


def untouched() -> tuple[str, list[Any], int]:
    sink = NarrowSink([])
    outcome, run = trained(sink)
    assert outcome is Outcome.FINISHED
    return digest(run), comparable(sink.metric_rows), sink.num_writes


def test_no_room_for_any_one_write_changes_nothing_once_it_is_resumed() -> None:
    weights, rows, num_writes = untouched()
    assert num_writes > 20
    for refused in range(1, num_writes + 1):
        sink = NarrowSink([refused])
        outcome, run = trained(sink)
        assert outcome is Outcome.FINISHED
        assert len(sink.pauses) == 1, f"write {refused}"
        assert (digest(run), comparable(sink.metric_rows)) == (weights, rows), f"write {refused}"
        assert sink.saved[-1].position == run.position


def test_the_sentence_says_what_is_safe_and_what_to_do() -> None:
    sink = NarrowSink([6])
    trained(sink)
    assert [re.sub(r"\d+ kB", "N kB", pause) for pause in sink.pauses] == [
        "disk full: the checkpoint cannot be saved in /h/1 (No space left), which needs N kB;"
        " training is paused at step 4, checkpoint 2 is safe; make room and resume"
    ]
    later = NarrowSink([5])
    trained(later)
    assert "metrics.jsonl could not be written (No space left); training" in later.pauses[0]
    first = NarrowSink([1])
    trained(first)
    assert "metrics.jsonl could not be written (No space left); training" in first.pauses[0]
    assert "nothing was saved before" in first.pauses[0]


def test_a_resume_without_room_pauses_again_and_answers_the_request() -> None:
    weights, rows, _ = untouched()
    sink = NarrowSink([6, 8, 10])
    control = ScriptedControl(after_pause=[Trigger.RESUME] * 3)
    outcome, run = trained(sink, control)
    assert outcome is Outcome.FINISHED
    assert len(sink.pauses) == 3
    assert sink.story.count(("seen", "resume", 4)) == sink.story.count(("done", "resume", 4)) == 3
    assert (digest(run), comparable(sink.metric_rows)) == (weights, rows)


def test_a_stop_without_room_leaves_and_says_which_checkpoint_is_the_last() -> None:
    sink = NarrowSink([6, 8])
    outcome, _ = trained(sink, ScriptedControl(after_pause=[Trigger.STOP]))
    assert outcome is Outcome.STOPPED
    assert sink.exit_message is not None
    assert sink.exit_message.endswith("checkpoint 2 is safe")
    assert sink.story[-1] == ("done", "stop", 4)


def test_a_stop_that_finds_room_saves() -> None:
    sink = NarrowSink([6])
    outcome, run = trained(sink, ScriptedControl(after_pause=[Trigger.STOP]))
    assert outcome is Outcome.STOPPED
    assert sink.exit_message is None
    assert sink.saved[-1].position == run.position == Position(step=4)


def test_a_pause_without_room_is_a_pause_that_tells_so() -> None:
    weights, rows, _ = untouched()
    sink = NarrowSink([2])
    run = small_run(log_every=1)
    control = ScriptedControl({2: Trigger.PAUSE}, after_pause=[Trigger.RESUME])
    assert train(run, control, sink, CountedLease()) is Outcome.FINISHED
    assert sink.story[2:7] == [
        ("seen", "pause", 2),
        ("paused", 2),
        ("done", "pause", 2),
        ("seen", "resume", 2),
        ("checkpoint", "resume"),
    ]
    assert (digest(run), comparable(sink.metric_rows)) == (weights, rows)


@pytest.mark.parametrize("refused", [[6, 8], [6]])
def test_a_supervisor_that_is_lost_meanwhile_ends_the_training_quietly(refused: list[int]) -> None:
    sink = NarrowSink(refused)
    outcome, run = trained(sink, ScriptedControl(after_pause=[LOST]))
    assert outcome is Outcome.ORPHANED
    assert (sink.saved[-1].position == run.position) == (refused == [6])
