"""Measurement of a session: its loop and files, without a supervisor."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage import folders
from mnist_tui.training.benchmark.bare_loop import BareLoop
from mnist_tui.training.benchmark.measured_control import MeasuredControl, Over, Sampling
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.loop import train
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.executors.channel import Channel
from mnist_tui.training.executors.child_process import explain, settle
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.worker_messages import Ended, TaskTold
from mnist_tui.training.worker.assembly import HOOKS, explained_memory
from mnist_tui.training.worker.session_sink import SessionSink

if TYPE_CHECKING:
    import socket

    import torch

    from mnist_tui.training.benchmark.benchmark_figures import MeasurementOrder
    from mnist_tui.training.data.dataset import Data
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

WARM = "warm"
"""Reported once by a session that trains until it is stopped."""


class OwnLease:
    """Lease of a session that no other worker knows."""

    generation = 0

    def check(self) -> None:
        """Do nothing: the lease cannot be lost."""


def main(connection: socket.socket, order: MeasurementOrder) -> None:
    """Carry out a measurement in a process of its own, and report the result to the runner."""
    settle(Path(order.folder) / folders.WORKER_LOG)
    channel = Channel(connection)
    try:
        ended = Ended(outcome="finished", result=measure(order, channel))
    except Exception as error:  # noqa: BLE001 — the runner must get a report
        traceback.print_exc()
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()


def measure(order: MeasurementOrder, channel: Channel) -> dict[str, Any]:
    """Train as ordered and return the device and the figures.

    Raises:
        ValueError: The device is not there or has too little memory.
    """
    parameters = from_plain(order.parameters)
    device = choose_device(parameters.device)
    prepare(device, parameters.threads)
    with explained_memory(parameters.batch_size):
        data = load_data(Path(order.data_dir), parameters, device)
        control = _control(order, channel, parameters, data, device)
        sink = SessionSink(channel, Path(order.folder), OwnLease.generation)
        try:
            train(TrainingState(parameters, data, device), control, sink, OwnLease(), hooks=HOOKS)
        except Over:
            pass
        finally:
            sink.close()
    return {"device": str(device), **msgspec.to_builtins(control.result())}


def _control(
    order: MeasurementOrder,
    channel: Channel,
    parameters: Hyperparameters,
    data: Data,
    device: torch.device,
) -> MeasuredControl | Sampling:
    if order.turn_s is None:
        return Sampling(
            channel, device, parameters.batch_size, lambda: channel.send(TaskTold(text=WARM))
        )
    bare = BareLoop(parameters, data, device)
    return MeasuredControl(
        channel, device, bare, parameters.batch_size, order.turn_s, order.seconds
    )
