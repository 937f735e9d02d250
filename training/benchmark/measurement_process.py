"""The process of one measurement: a worker without a supervisor."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage import folders
from mnist_tui.training.executors.channel import Channel
from mnist_tui.training.executors.child_process import explain, settle
from mnist_tui.training.protocol.worker_messages import Ended

if TYPE_CHECKING:
    import socket

    from mnist_tui.training.benchmark.benchmark_figures import MeasurementAsked


def main(connection: socket.socket, asked: MeasurementAsked) -> None:
    """Measure what is asked and report it; whoever asked may hang up at any time."""
    settle(Path(asked.folder) / folders.WORKER_LOG)
    channel = Channel(connection)
    try:
        from mnist_tui.training.benchmark.measurement import measure  # noqa: PLC0415 — torch, 1.4 s

        ended = Ended(outcome="finished", result=measure(asked, channel))
    except Exception as error:  # noqa: BLE001 — whatever it was, the requester must hear of it
        traceback.print_exc()
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()
