"""Checkpoints that are written beside the training: told soon, never left half done."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.training.engine.checkpoint_writer import NICENESS
from mnist_tui.training.engine.loop import train
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    small_data,
    small_run,
)

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo, Position
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class SlowSink(KeepingSink):
    """Takes longer to write a checkpoint than a small network takes for a step."""

    def checkpoint(self, content: bytes, position: Position, **told: Any) -> CheckpointInfo:
        time.sleep(0.2)
        return super().checkpoint(content, position, **told)


class WitnessingSink(KeepingSink):
    """Notes how nice the thread is that writes each checkpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.niceness: dict[str, int] = {}

    def checkpoint(self, content: bytes, position: Position, **told: Any) -> CheckpointInfo:
        thread = threading.get_native_id()
        self.niceness[told["reason"]] = os.getpriority(os.PRIO_PROCESS, thread)
        return super().checkpoint(content, position, **told)


class FailingControl(ScriptedControl):
    """Fails at its third turn, when a checkpoint is under way."""

    num_turns = 0

    def poll(self) -> WorkerCommand | None:
        self.num_turns += 1
        if self.num_turns == 3:
            raise RuntimeError("the control pipe is gone")
        return super().poll()


def test_a_checkpoint_is_told_as_soon_as_it_is_on_disk() -> None:
    sink = SlowSink()
    run = small_run(small_data(num_train=16 * 800), checkpoint_every=86_400, log_every=100)
    train(run, ScriptedControl(), sink, CountedLease())
    story = sink.story
    assert story.index(("checkpoint", "best")) < story.index(
        ("row", "val"), 1 + story.index(("row", "val"))
    )


def test_the_training_goes_on_meanwhile_and_no_checkpoint_is_left_out() -> None:
    sink = SlowSink()
    run = small_run(checkpoint_every=0)
    train(run, ScriptedControl(), sink, CountedLease())
    assert [saved.position.step for saved in sink.saved if saved.reason == "periodic"] == [
        *range(1, 9)
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness")
def test_what_is_written_beside_the_training_gives_way_to_it_and_nothing_else_does() -> None:
    sink, own_niceness = WitnessingSink(), 3

    def train_nicely() -> None:  # in a thread of its own, since nobody may take it back
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), own_niceness)
        train(small_run(checkpoint_every=0), ScriptedControl(), sink, CountedLease())

    training = threading.Thread(target=train_nicely)
    training.start()
    training.join()
    assert sink.niceness["periodic"] == own_niceness + NICENESS
    assert sink.niceness["final"] == own_niceness


def test_however_a_training_ends_the_checkpoint_under_way_is_written() -> None:
    sink = SlowSink()
    run = small_run(checkpoint_every=0.0001)
    with pytest.raises(RuntimeError, match="control pipe"):
        train(run, FailingControl(), sink, CountedLease())
    assert len(sink.saved) >= 1
    assert sink.saved[-1].position == run.position
