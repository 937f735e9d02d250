"""What the peak memory of a training counts."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import pytest
import torch

from mnist_tui.training.engine.peak_memory import PeakMemory
from mnist_tui.training.sessions.throughput import Throughput
from tests.training.worlds import CPU, small_run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SIZE = 100 * 1024 * 1024
SLACK = 20 * 1024 * 1024


def use_and_tell(pipe: Connection) -> None:
    peak = PeakMemory()
    before = peak.num_bytes(CPU)
    held = torch.ones(SIZE, dtype=torch.uint8)
    during = peak.num_bytes(CPU)
    del held
    pipe.send((before, during, peak.num_bytes(CPU)))


def test_it_counts_from_birth_grows_with_use_and_never_falls() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=use_and_tell, args=(theirs,))
    process.start()
    before, during, after = ours.recv()
    process.join()
    assert 0 <= before < SLACK
    assert SIZE - SLACK < during < SIZE + SLACK
    assert after >= during


def test_progress_tells_it() -> None:
    peak = small_run().progress(Throughput()).peak_memory_bytes
    assert peak is not None
    assert peak >= 0


@pytest.mark.gpu
def test_on_a_card_it_is_what_tensors_took() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device("cuda:0")
    held = torch.ones(SIZE, dtype=torch.uint8, device=device)
    assert PeakMemory().num_bytes(device) >= held.nbytes
