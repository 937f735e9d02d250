"""The worker process when memory, disk or the session's folder are gone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.executors.child_process import explain
from mnist_tui.training.worker.assembly import OutOfMemoryError, explained_memory
from mnist_tui.training.worker.session_sink import FolderLease

if TYPE_CHECKING:
    from pathlib import Path

TALKER = """
import resource, sys, warnings
from pathlib import Path
from mnist_tui.training.executors.child_process import settle
settle(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
for _ in range(2):
    for number in range(100):
        print("x" * 100)
        sys.stderr.write("y" * 100)
        warnings.warn(str(number))
    try:
        raise ValueError("written to the log")
    except ValueError:
        import traceback
        traceback.print_exc()
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
sys.exit(7)
"""


def test_a_log_that_cannot_grow_never_ends_the_worker(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TALKER, tmp_path / "worker.log"], check=False)
    assert done.returncode == 7
    assert (tmp_path / "worker.log").stat().st_size == 8192


def test_a_log_that_cannot_be_made_never_ends_the_worker(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TALKER, tmp_path / "no" / "log"], check=False)
    assert done.returncode == 7


def test_a_device_without_memory_is_told_with_the_batch_size() -> None:
    text = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total of 1 GiB"
    with pytest.raises(OutOfMemoryError) as caught, explained_memory(512):
        raise torch.OutOfMemoryError(text)
    assert explain(caught.value) == (
        "out of device memory at batch size 512: CUDA out of memory; use a smaller batch_size"
    )


def test_a_system_without_memory_is_told_with_the_batch_size() -> None:
    with pytest.raises(OutOfMemoryError) as caught, explained_memory(4_096):
        torch.empty(2**50, dtype=torch.uint8)
    text = explain(caught.value)
    assert text.startswith("out of memory at batch size 4,096: ")
    assert text.endswith("; use a smaller batch_size")
    assert "\n" not in text


def test_other_errors_are_left_as_they_are() -> None:
    with pytest.raises(RuntimeError, match="shape"), explained_memory(1):
        raise RuntimeError("shape")
    assert "smaller batch_size" in explain(MemoryError())


def test_a_session_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"gone/7 is gone; nothing more can be saved"):
        FolderLease(tmp_path / "gone" / "7", 1).check()
