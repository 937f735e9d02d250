"""The worker process: trains one session, holds its lock for life, and reports how it ended."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from mnist_tui.storage import folders
from mnist_tui.storage.errors import LockHeldError, StorageError
from mnist_tui.storage.lock import FileLock
from mnist_tui.training.engine.interfaces import LeaseLostError
from mnist_tui.training.executors.channel import Channel
from mnist_tui.training.executors.child_process import explain, settle
from mnist_tui.training.protocol.environment import take
from mnist_tui.training.protocol.worker_messages import BUSY, Ended

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from mnist_tui.training.protocol.assignment import WorkerAssignment


def main(connection: socket.socket, assignment: WorkerAssignment, folder: Path) -> None:
    """Train the session in `folder` until it ends, is stopped, or the supervisor is gone."""
    settle(folder / folders.WORKER_LOG)
    channel = Channel(connection)
    channel.handle_sigterm()
    take(assignment.environment)
    try:
        with FileLock.acquire(folder / folders.WORKER_LOCK):
            ended = _train(channel, assignment, folder)
    except LockHeldError:
        ended = Ended(outcome=BUSY, message="an earlier worker of this session is still there")
    except StorageError as error:
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()


def _train(channel: Channel, assignment: WorkerAssignment, folder: Path) -> Ended:
    # The fork server has loaded torch already; a spawned worker pays 1.4 s for it here.
    from mnist_tui.training.worker.assembly import train_session  # noqa: PLC0415 — see above
    from mnist_tui.training.worker.session_sink import FolderLease, SessionSink  # noqa: PLC0415 — numpy, which the supervisor must not load

    sink = SessionSink(channel, folder, assignment.generation)
    lease = FolderLease(folder, assignment.generation)
    try:
        return train_session(assignment, channel, sink, lease)
    except LeaseLostError:
        return Ended(outcome="failed", message="a newer worker owns this session")
    except Exception as error:  # noqa: BLE001 — the last line of defence: the row must say why
        traceback.print_exc()
        return Ended(outcome="failed", message=explain(error))
    finally:
        sink.close()
