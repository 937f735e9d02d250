"""The peak memory of a training, and the memory that batches reuse."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch

from mnist_tui.training.engine.memory import PeakMemory
from mnist_tui.training.sessions.throughput import Throughput
from tests.system.command import environment
from tests.training.worlds import CPU, small_run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SIZE = 100 * 1024 * 1024
SLACK = 20 * 1024 * 1024
MOST_FAULTS = 500
"""In a batch; it is 4,500 with what the C library does by default."""
BATCHES = """
import resource
import torch
from mnist_tui.training.data.dataset import Data, Split
from mnist_tui.training.engine.device import prepare
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.resolution import resolve

def num_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

device = torch.device("cpu")
prepare(device, 1)
images = torch.zeros(6400, 28, 28, dtype=torch.uint8)
split = Split(images, torch.zeros(6400, dtype=torch.int64))
data = Data(split, split.part(0, 0), split.part(0, 1), None, 10)
parameters = resolve({"model": "cnn", "validation": 0}, sizes={}, default_threads=1)
run = TrainingState(parameters, data, device)
for _ in range(20):
    run.train_step()
before = num_faults()
for _ in range(20):
    run.train_step()
print((num_faults() - before) // 20)
"""


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_a_batch_gets_the_memory_that_the_one_before_has_freed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BATCHES],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < MOST_FAULTS
