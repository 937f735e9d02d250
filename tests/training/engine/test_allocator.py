"""A training does not hand its memory back after every batch, to be given it cleared again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.system.command import environment

MOST_FAULTS = 500
"""In a batch; it is 4,500 with what the C library does by default."""
BATCHES = """
import resource
import torch
from mnist_tui.training.data.dataset import Data, Split
from mnist_tui.training.engine.device import prepare
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.engine.training_state import Run

def num_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

device = torch.device("cpu")
prepare(device, 1)
images = torch.zeros(6400, 28, 28, dtype=torch.uint8)
split = Split(images, torch.zeros(6400, dtype=torch.int64))
data = Data(split, split.part(0, 0), split.part(0, 1), None, 10)
run = Run(resolve({"model": "cnn", "validation": 0}, sizes={}, default_threads=1), data, device)
for _ in range(20):
    run.train_step()
before = num_faults()
for _ in range(20):
    run.train_step()
print((num_faults() - before) // 20)
"""


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
