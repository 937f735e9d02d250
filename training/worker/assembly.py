"""Assembly of a session's training from its parameters and its newest checkpoint."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import torch

from mnist_tui.storage.errors import CheckpointDamagedError
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.device import choose_device, fingerprint, prepare
from mnist_tui.training.engine.loop import train
from mnist_tui.training.engine.memory import PeakMemory
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.models.backbones import load_pretrained
from mnist_tui.training.models.user_models import source_files
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.assignment import HOOK_NAMES
from mnist_tui.training.protocol.worker_messages import Ended
from mnist_tui.training.sessions.throughput import Throughput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.training.engine.interfaces import Control, Lease, Sink
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters
    from mnist_tui.training.protocol.assignment import WorkerAssignment


HOOKS = tuple(map(resolve_name, HOOK_NAMES))
"""Everything that attaches to the training of a session."""
CPU_ALLOCATOR = "DefaultCPUAllocator"
"""Start of torch's message if the system has no memory left; there is no class for this error."""


class OutOfMemoryError(ValueError):
    """A batch needs more memory than there is; the text is a sentence for the session's row."""


def train_session(
    assignment: WorkerAssignment, control: Control, sink: Sink, lease: Lease
) -> Ended:
    """Train one session from its newest checkpoint and return how it ended.

    Raises:
        ValueError: Its device is not there or has too little memory, its loss diverged, or its
            checkpoint is of another network.
        StorageError: Its data, checkpoints or pretrained weights cannot be used.
        LeaseLostError: A newer worker owns it.
    """
    memory = PeakMemory()
    parameters = from_plain(assignment.parameters)
    assert parameters.threads is not None, "threads are fixed at submission"
    device = choose_device(assignment.device or parameters.device)
    prepare(device, parameters.threads)
    with explained_memory(parameters.batch_size):
        return _train_on(device, parameters, memory, assignment, control, sink, lease)


@contextmanager
def explained_memory(batch_size: int) -> Iterator[None]:
    """Turn torch's errors about memory into a sentence for the user.

    Raises:
        OutOfMemoryError: The device or the system has no memory left.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemoryError(_out_of_memory("device memory", batch_size, error)) from error
    except RuntimeError as error:
        if CPU_ALLOCATOR not in str(error):
            raise
        raise OutOfMemoryError(_out_of_memory("memory", batch_size, error)) from error


def _out_of_memory(what: str, batch_size: int, error: RuntimeError) -> str:
    detail = " ".join(str(error).split()).partition(". ")[0][:200]
    return f"out of {what} at batch size {batch_size:,}: {detail}; use a smaller batch_size"


def _train_on(
    device: torch.device,
    parameters: Hyperparameters,
    memory: PeakMemory,
    assignment: WorkerAssignment,
    control: Control,
    sink: Sink,
    lease: Lease,
) -> Ended:
    data = load_data(Path(assignment.data_dir), parameters, device)
    # 50 ms for MNIST, during which the network is made.
    with ThreadPoolExecutor(1) as beside:
        checksum = beside.submit(data.checksum)
        run = TrainingState(
            parameters, data, device, generation=assignment.generation, memory=memory
        )
        notice = _restore(run, sink)
    code_files = source_files(parameters.model, run.model) if is_own_model(parameters.model) else ()
    sink.fingerprint = fingerprint(device, checksum.result(), code_files, run.precision)
    sink.ready(
        device=str(device),
        num_parameters=run.num_parameters,
        progress=run.progress(Throughput()),
        notice=notice,
    )
    sink.log(
        f"worker {os.getpid()} begins at step {run.position.step:,} of {run.num_steps:,}"
        f" on {device}, threads: {parameters.threads}, {run.precision}; {parameters.model} with"
        f" {run.num_parameters:,} weights, {len(data.train):,} images of {parameters.dataset}"
    )
    if notice:
        sink.log(notice)
    outcome = train(run, control, sink, lease, hooks=HOOKS)
    sink.log(f"worker leaves: {outcome.value}")
    return Ended(outcome=outcome.value, message=sink.exit_message)


def _restore(run: TrainingState, sink: Sink) -> str | None:
    """Restore the newest valid checkpoint, if there is one; return notices for the user."""

    def take(content: bytes) -> None:
        try:
            state_dict.restore(run, content)
        except state_dict.SnapshotDamagedError as error:
            raise CheckpointDamagedError(str(error)) from error

    notices = sink.restore(take, state_dict.max_bytes(run))
    if notices is None:
        load_pretrained(run.model)  # only now: a checkpoint has these weights too
        return None
    return " ".join(notices) or None
