"""Puts a session's training together, from its parameters and newest checkpoint, and runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training import snapshot
from training.data import load_data
from training.device import choose_device, prepare
from training.engine import train
from training.fingerprint import fingerprint
from training.pace import Pace
from training.parameters import from_plain
from training.protocol import Ended, Ready
from training.run import Run

if TYPE_CHECKING:
    from training.assignment import WorkerAssignment
    from training.channel import Channel
    from training.worker import FolderLease, SessionSink


def train_session(
    assignment: WorkerAssignment, channel: Channel, sink: SessionSink, lease: FolderLease
) -> Ended:
    """Train one session from where it was and return how it ended.

    Raises:
        ValueError: Its device is not there, or its checkpoint is of another network.
        StorageError: Its data or checkpoints cannot be used.
        LeaseLostError: A newer worker owns it.
    """
    parameters = from_plain(assignment.parameters)
    assert parameters.threads is not None, "threads are fixed at submission"
    device = choose_device(assignment.device or parameters.device)
    prepare(device, parameters.threads)
    data = load_data(Path(assignment.data_dir), parameters, device)
    run = Run(parameters, data, device, generation=assignment.generation)
    notice = _restore(run, sink)
    sink.fingerprint = fingerprint(device, data)
    channel.send(
        Ready(
            device=str(device),
            num_parameters=run.num_parameters,
            fingerprint=sink.fingerprint,
            progress=run.progress(Pace()),
            notice=notice,
        )
    )
    outcome = train(run, channel, sink, lease)
    return Ended(outcome=outcome.value)


def _restore(run: Run, sink: SessionSink) -> str | None:
    """Go on from the newest valid checkpoint, if there is one; return what is worth telling."""
    loaded = sink.checkpoints.newest_valid()
    if loaded is None:
        return None
    snapshot.restore(run, loaded.content)
    return " ".join(loaded.notices) or None
