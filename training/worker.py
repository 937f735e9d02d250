"""The worker process: trains one session, holds its lock for life, and reports how it ended."""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from storage import folders
from storage.atomic import PRIVATE_FILE
from storage.errors import LockHeldError, StorageError
from storage.home import Home
from storage.lock import FileLock
from storage.records import utc_now
from training.channel import Channel
from training.contracts import LeaseLostError
from training.protocol import CheckpointSaved, Done, Ended, Paused, Progressed, Seen

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from storage.checkpoints import CheckpointFolder
    from storage.metrics import MetricWriter
    from storage.records import MetricRow, Position, Progress
    from storage.whereabouts import Activity, WhereaboutsWriter
    from training.assignment import WorkerAssignment
    from training.protocol import WorkerCommand


def main(connection: socket.socket, assignment: WorkerAssignment) -> None:
    """Train the assigned session until it ends, is stopped, or the supervisor is gone."""
    folder = Home(Path(assignment.home)).session(assignment.session_id)
    settle(folder / folders.WORKER_LOG)
    channel = Channel(connection)
    channel.obey_sigterm()
    os.environ.update(assignment.environment)
    try:
        with FileLock.acquire(folder / folders.WORKER_LOCK):
            ended = _train(channel, assignment, folder)
    except LockHeldError:
        ended = Ended(outcome="busy", message="an earlier worker of this session is still there")
    except StorageError as error:
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()


def settle(log: Path) -> None:
    """Make the process a quiet child: output to its log, no terminal signals, crashes on record.

    Where the log cannot be made or written, output is dropped.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        descriptor = os.open(log, flags, PRIVATE_FILE)
    except OSError:
        descriptor = os.open(os.devnull, flags)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout, sys.stderr = _forgiving_stream(1), _forgiving_stream(2)
    faulthandler.enable()
    for quiet in (signal.SIGINT, signal.SIGHUP):
        signal.signal(quiet, signal.SIG_IGN)


class _ForgivingFile(io.FileIO):
    """A file that drops what it has no room for: a log must never end a training."""

    def write(self, data: Any, /) -> int:
        with suppress(OSError):
            return super().write(data) or 0
        return memoryview(data).nbytes


def _forgiving_stream(descriptor: int) -> io.TextIOWrapper:
    file = _ForgivingFile(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(file), "utf-8", errors="backslashreplace", line_buffering=True
    )


def explain(error: Exception) -> str:
    """Return an error as one line for the session's row."""
    if isinstance(error, MemoryError):
        return "out of memory; use a smaller batch_size, or train fewer sessions at once"
    text = " ".join(str(error).split())
    is_meant_for_people = isinstance(error, StorageError | ValueError) and text
    return text if is_meant_for_people else f"{type(error).__name__}: {text}"[:500]


def _train(channel: Channel, assignment: WorkerAssignment, folder: Path) -> Ended:
    # Torch is loaded in the fork server already; a spawned worker pays 1.4 s for it here.
    from training.assembly import train_session  # noqa: PLC0415 — see above

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


class SessionSink:
    """Puts rows and checkpoints into the session's folder and figures on the control pipe."""

    def __init__(self, channel: Channel, folder: Path, generation: int) -> None:
        from storage.checkpoints import CheckpointFolder  # noqa: PLC0415 — workers only
        from storage.whereabouts import WhereaboutsWriter  # noqa: PLC0415 — workers only

        self._channel = channel
        self._generation = generation
        self.checkpoints: CheckpointFolder = CheckpointFolder(folder / folders.CHECKPOINTS)
        self.fingerprint: dict[str, Any] = {}
        """Written into every manifest; set once the device is chosen."""
        self.farewell: str | None = None
        """What the row should say once the training has left."""
        self._folder = folder
        self._metrics: MetricWriter | None = None
        self._whereabouts: WhereaboutsWriter = WhereaboutsWriter(folder / folders.WHEREABOUTS)

    def doing(self, activity: Activity, step: int) -> None:
        """Remember what begins now, where a kill cannot undo it."""
        self._whereabouts.write(activity, step)

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Append metric rows."""
        from storage.metrics import MetricWriter  # noqa: PLC0415 — workers only

        if self._metrics is None:
            self._metrics = MetricWriter(self._folder / folders.METRICS)
        self._metrics.append(rows)

    def progress(self, progress: Progress) -> None:
        """Tell the newest figures."""
        self._channel.send(Progressed(progress=progress))

    def checkpoint(
        self, content: bytes, position: Position, *, epoch: float, reason: str, is_best: bool
    ) -> None:
        """Make metrics and checkpoint durable, in that order, and tell."""
        if self._metrics is not None:
            self._metrics.sync()
        info = self.checkpoints.save(
            content,
            position=position,
            epoch=epoch,
            reason=reason,
            is_best=is_best,
            generation=self._generation,
            fingerprint=self.fingerprint,
        )
        with suppress(StorageError):  # tried again after the next one
            self.checkpoints.prune()
        self._channel.send(CheckpointSaved(info=info))

    def seen(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was taken."""
        self._channel.send(Seen(number=command.number, step=step, time=utc_now()))

    def done(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was carried out."""
        self._channel.send(
            Done(number=command.number, action=command.action, step=step, time=utc_now())
        )

    def paused(self, reason: str, step: int) -> None:
        """Tell that the training paused without being asked."""
        self._channel.send(Paused(step=step, reason=reason))

    def unsaved(self, reason: str) -> None:
        """Keep the reason for the last word."""
        self.farewell = reason

    def close(self) -> None:
        """Close the files."""
        self._whereabouts.close()
        if self._metrics is not None:
            self._metrics.close()


class FolderLease:
    """Asks the session's own copy of its record which generation owns it."""

    def __init__(self, folder: Path, generation: int) -> None:
        self._copy = folder / folders.SESSION_COPY
        self._generation = generation

    @property
    def generation(self) -> int:
        """The number of this worker."""
        return self._generation

    def check(self) -> None:
        """Raise LeaseLostError when the record names a newer generation."""
        try:
            content = self._copy.read_bytes()
        except FileNotFoundError:
            raise StorageError(
                f"The session's folder {self._copy.parent} is gone; nothing more can be saved."
            ) from None
        newest = msgspec.json.decode(content, type=_Owner).generation
        if newest > self._generation:
            raise LeaseLostError


class _Owner(msgspec.Struct):
    generation: int
