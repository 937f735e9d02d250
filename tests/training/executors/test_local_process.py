"""Exit causes of local processes: exit codes, signals and the kernel's out-of-memory killer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage import folders
from mnist_tui.storage.lock import FileLock
from mnist_tui.storage.worker_status import Activity, WorkerStatus
from mnist_tui.training.executors.executor import ExitStatus
from mnist_tui.training.executors.fork_server import LOST_EXIT_CODE, Spawner
from mnist_tui.training.executors.local_process import LOCK_POLL_S, LocalProcess, sudden_exit
from tests.deadlines import patient, wait_until

if TYPE_CHECKING:
    import socket
    from pathlib import Path


def leave(connection: socket.socket) -> None:
    """Entry of a process that hangs up at once."""
    connection.close()


TRAINING = WorkerStatus(Activity.TRAINING, 1_234)


@pytest.mark.parametrize(
    ("code", "is_oom", "status", "sentence"),
    [
        (-9, False, ExitStatus.SIGNALLED, "killed by SIGKILL while training at step 1,234"),
        (-9, True, ExitStatus.OUT_OF_MEMORY, "out of memory: killed by the kernel while training"),
        (-11, True, ExitStatus.SIGNALLED, "killed by SIGSEGV while"),
        (-99, False, ExitStatus.SIGNALLED, "killed by signal 99 while"),
        (3, False, ExitStatus.LOST, "the worker exited (3) without a word while"),
        (LOST_EXIT_CODE, False, ExitStatus.LOST, "the worker ended without a word while"),
        (None, False, ExitStatus.LOST, "the worker ended without a word while"),
    ],
)
def test_a_process_without_a_last_message_has_the_cause_that_its_exit_code_tells(
    code: int | None, is_oom: bool, status: ExitStatus, sentence: str
) -> None:
    end = sudden_exit(code, TRAINING, is_oom=is_oom)
    assert (end.status, end.is_sudden) == (status, True)
    assert end.sentence is not None
    assert end.sentence.startswith(sentence)
    assert end.sentence.endswith("; resume goes on from the checkpoint")


def test_a_worker_that_dies_early_was_loading_and_one_of_unknown_activity_has_no_place() -> None:
    assert (
        sudden_exit(-9, WorkerStatus(Activity.LOADING, 0), is_oom=False).place == " while loading"
    )
    assert sudden_exit(-9, None, is_oom=False).place == ""


async def test_a_worker_has_ended_only_when_no_process_holds_its_session(tmp_path: Path) -> None:
    # A process that outlives its fork server looks ended although it still writes.
    survivor = FileLock.acquire(tmp_path / folders.WORKER_LOCK)
    spawner = Spawner()
    try:
        process = LocalProcess(
            spawner, f"{__name__}:leave", (), lambda _: None, session_folder=tmp_path
        )
        end = asyncio.create_task(process.wait())
        await asyncio.to_thread(
            wait_until, lambda: process.pid and not psutil.pid_exists(process.pid), "it is gone"
        )
        done, _ = await asyncio.wait({end}, timeout=5 * LOCK_POLL_S)
        assert not done
        survivor.release()
        assert (await asyncio.wait_for(end, patient(10))).status is ExitStatus.LOST
    finally:
        spawner.close()
