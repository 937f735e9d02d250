"""Assembly of a session in memory: it needs Control, Sink and Lease, and no file of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.assignment import WorkerAssignment
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.worker.assembly import train_session
from tests.dataset_files import write_small_dataset
from tests.sizes import even_sizes
from tests.training.worlds import CountedLease, KeepingSink, ScriptedControl

if TYPE_CHECKING:
    from pathlib import Path


def assignment_in(data_dir: Path) -> WorkerAssignment:
    values = {
        "model": "lenet",
        "batch_size": 16,
        "epochs": 2,
        "validation": 50,
        "device": "cpu",
        "checkpoint_every": 86_400,
    }
    parameters = resolve(values, sizes=even_sizes({"digits": 250}), default_threads=1)
    return WorkerAssignment(
        session_id=1,
        generation=1,
        data_dir=str(data_dir),
        parameters=to_plain(parameters),
        environment={},
        device=None,
    )


def test_a_session_is_stopped_and_goes_on_in_memory_alone(tmp_path: Path) -> None:
    write_small_dataset(tmp_path, num_train=250)
    sink, assignment = KeepingSink(), assignment_in(tmp_path)
    stop = ScriptedControl({5: Trigger.STOP})

    assert train_session(assignment, stop, sink, CountedLease()).outcome == "stopped"
    assert sink.story[0] == ("ready", "cpu", 0)
    stopped_at = sink.saved[-1].position.step
    assert 0 < stopped_at < 24
    assert sink.fingerprint["device"]
    assert sink.lines[0].startswith("worker ")

    ended = train_session(assignment, ScriptedControl(), sink, CountedLease(2))
    assert (ended.outcome, ended.message) == ("finished", None)
    assert ("ready", "cpu", stopped_at) in sink.story
    steps = [row.step for row in sink.metric_rows if row.split == "train"]
    assert steps == sorted(set(steps))
    assert sink.lines[-1] == "worker leaves: finished"
