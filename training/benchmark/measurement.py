"""One measurement: a session's own loop and files, with the supervisor's part left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.training.benchmark.bare_loop import BareLoop
from mnist_tui.training.benchmark.measured_control import MeasuredControl, Over, Sampling
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.loop import train
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.worker_messages import TaskTold
from mnist_tui.training.worker.assembly import HOOKS, explained_memory
from mnist_tui.training.worker.session_sink import SessionSink

if TYPE_CHECKING:
    import torch

    from mnist_tui.training.benchmark.benchmark_figures import MeasurementAsked
    from mnist_tui.training.data.dataset import Data
    from mnist_tui.training.executors.channel import Channel
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

WARM = "warm"
"""Told once by a session that is measured until it is told to stop."""


class OwnLease:
    """Nobody else can own a session that only its measurement knows."""

    generation = 0

    def check(self) -> None:
        """Find that it is still ours."""


def measure(asked: MeasurementAsked, channel: Channel) -> dict[str, Any]:
    """Train as asked and return the device and what was measured.

    Raises:
        ValueError: The device is not there or has too little memory.
    """
    parameters = from_plain(asked.parameters)
    device = choose_device(parameters.device)
    prepare(device, parameters.threads)
    with explained_memory(parameters.batch_size):
        data = load_data(Path(asked.data_dir), parameters, device)
        control = _control(asked, channel, parameters, data, device)
        sink = SessionSink(channel, Path(asked.folder), OwnLease.generation)
        try:
            train(TrainingState(parameters, data, device), control, sink, OwnLease(), hooks=HOOKS)
        except Over:
            pass
        finally:
            sink.close()
    return {"device": str(device), **msgspec.to_builtins(control.result())}


def _control(
    asked: MeasurementAsked,
    channel: Channel,
    parameters: Hyperparameters,
    data: Data,
    device: torch.device,
) -> MeasuredControl | Sampling:
    if asked.turn_s is None:
        return Sampling(
            channel, device, parameters.batch_size, lambda: channel.send(TaskTold(text=WARM))
        )
    bare = BareLoop(parameters, data, device)
    return MeasuredControl(
        channel, device, bare, parameters.batch_size, asked.turn_s, asked.seconds
    )
