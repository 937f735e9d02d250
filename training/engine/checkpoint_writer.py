"""Writer of checkpoints: in the caller's thread, or in its own while the training continues."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.storage.errors import DiskFullError
from mnist_tui.training.engine.state_dict import encode, freeze

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo, Position
    from mnist_tui.training.engine.interfaces import Lease, Sink
    from mnist_tui.training.engine.training_state import TrainingState


NICENESS = 10
"""Added to the training's niceness in the thread that writes: a tenth of a core if all are busy."""
MAX_NICENESS = 19


class Save(NamedTuple):
    """A checkpoint on its way to the disk: its content and its description."""

    content: dict[str, Any]
    position: Position
    epoch: float
    reason: str
    is_best: bool
    name: str


class CheckpointWriter:
    """Writes one checkpoint at a time, in the order in which they began."""

    def __init__(self, sink: Sink, lease: Lease) -> None:
        self._sink = sink
        self._lease = lease
        self._thread = ThreadPoolExecutor(1, "checkpoint", initializer=_lower_priority)
        self._under_way: Future[CheckpointInfo] | None = None

    @property
    def is_ready(self) -> bool:
        """True if a checkpoint that began is on disk, or has failed."""
        return self._under_way is not None and self._under_way.done()

    def begin(self, run: TrainingState, reason: str) -> None:
        """Copy the state of `run` and write it while the training continues; `finish` ends it.

        Raises:
            NotFiniteError: The state is not finite.
        """
        assert self._under_way is None, "one at a time"
        save = self._take(run, reason, "", is_copied=True)
        self._under_way = self._thread.submit(self._write, save)

    def finish(self) -> CheckpointInfo | None:
        """Wait for the checkpoint that is being written, if any, and return its manifest.

        Raises:
            DiskFullError: There was no room for it.
            StorageError: It could not be written for another reason.
            LeaseLostError: A newer worker owns the session.
        """
        if self._under_way is None:
            return None
        under_way, self._under_way = self._under_way, None
        return under_way.result()

    def save(self, run: TrainingState, reason: str, name: str = "") -> CheckpointInfo:
        """Write the state of `run` at once; raises what `begin` and `finish` raise."""
        assert self._under_way is None, "one at a time"
        return self._write(self._take(run, reason, name, is_copied=False))

    def close(self) -> None:
        """Wait for the checkpoint that is being written, and ignore its result."""
        self._thread.shutdown()

    def _take(self, run: TrainingState, reason: str, name: str, *, is_copied: bool) -> Save:
        content = freeze(run, is_copied=is_copied)
        return Save(content, run.position, run.epoch, reason, run.is_best, name)

    def _write(self, save: Save) -> CheckpointInfo:
        content = encode(save.content)
        self._lease.check()
        try:
            return self._sink.checkpoint(
                content,
                save.position,
                epoch=save.epoch,
                reason=save.reason,
                is_best=save.is_best,
                name=save.name,
            )
        except DiskFullError as error:
            error.num_bytes = len(content)
            raise


def _lower_priority() -> None:
    """Give the threads that train a higher priority; on Linux each thread has its own niceness."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
            os.setpriority(os.PRIO_PROCESS, thread, min(niceness, MAX_NICENESS))
