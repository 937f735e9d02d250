"""Exit causes of local processes: exit codes, signals and the kernel's out-of-memory killer."""

from __future__ import annotations

import pytest

from mnist_tui.storage.worker_status import Activity, WorkerStatus
from mnist_tui.training.executors.executor import ExitStatus
from mnist_tui.training.executors.fork_server import LOST_EXIT_CODE
from mnist_tui.training.executors.local_process import sudden_exit

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
