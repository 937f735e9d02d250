"""The bare loop: the network and the operations of a session of `cnn`, and nothing of ours.

Run by the benchmarks of training, which write a number of seconds on its standard input for each
turn; it answers with images per second. `python tests/benchmarks/bare_loop.py --data-dir DIR`
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

NUM_TRAIN = 55_000
WARM_UP_S = 0.5
BATCHES_BETWEEN_LOOKS = 8


def network() -> nn.Sequential:
    """Return `cnn` with its default options: 225,034 weights."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 5 * 5, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def training(options: argparse.Namespace) -> Callable[[], None]:
    """Return what trains one batch."""
    device = torch.device(options.device)
    raw = Path(options.data_dir) / "MNIST" / "raw"
    pixels = np.fromfile(raw / "train-images-idx3-ubyte", np.uint8, offset=16)
    classes = np.fromfile(raw / "train-labels-idx1-ubyte", np.uint8, offset=8)
    images = torch.from_numpy(pixels.reshape(-1, 28, 28)[:NUM_TRAIN]).to(device)
    labels = torch.from_numpy(classes[:NUM_TRAIN].astype(np.int64)).to(device)
    layout = torch.channels_last if device.type == "cpu" else torch.contiguous_format
    model = network()
    model.to(device, memory_format=layout)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    order = torch.randperm(NUM_TRAIN, device=device)
    start = 0

    def computing() -> AbstractContextManager[object]:
        if options.precision == "fp32":
            return nullcontext()
        return torch.autocast(device.type, dtype=torch.bfloat16)

    def train_batch() -> None:
        nonlocal start
        if start + options.batch_size > NUM_TRAIN:
            start = 0
        indices = order[start : start + options.batch_size]
        start += options.batch_size
        batch = torch.index_select(images, 0, indices).unsqueeze(1).to(torch.float32).div_(255)
        optimizer.zero_grad()
        with computing():
            logits = model(batch)
            loss = functional.cross_entropy(logits, torch.index_select(labels, 0, indices))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return train_batch


def serve(options: argparse.Namespace, train_batch: Callable[[], None]) -> None:
    """Train for as long as each line of standard input says and answer with images per second."""

    def settle() -> None:
        if options.device.startswith("cuda"):
            torch.cuda.synchronize()

    def train_for(seconds: float) -> float:
        settle()
        began_at = time.perf_counter()
        num_batches = 0
        while time.perf_counter() - began_at < seconds:
            for _ in range(BATCHES_BETWEEN_LOOKS):
                train_batch()
            num_batches += BATCHES_BETWEEN_LOOKS
        settle()
        return float(num_batches * options.batch_size / (time.perf_counter() - began_at))

    print("ready", flush=True)
    for line in sys.stdin:
        train_for(WARM_UP_S)
        print(train_for(float(line)), flush=True)


def parsed() -> argparse.ArgumentParser:
    """Return the options that every such loop takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    return parser


if __name__ == "__main__":
    given = parsed().parse_args()
    torch.set_num_threads(given.threads)
    serve(given, training(given))
