"""Reference loop for the same `cnn`: a DataLoader with a transform of every image.

Run as `bare_loop` is: `python tests/benchmarks/reference_loop.py --data-dir DIR --workers 2`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from bare_loop import network, parsed, serve  # type: ignore[import-not-found]
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator


def training(options: argparse.Namespace) -> Callable[[], None]:
    """Return what trains one batch."""
    device = torch.device(options.device)
    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    loader = DataLoader(
        datasets.MNIST(options.data_dir, train=True, transform=transform),
        batch_size=options.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=options.workers,
        persistent_workers=options.workers > 0,
        pin_memory=device.type == "cuda",
    )
    model = network().to(device)
    optimizer = torch.optim.Adam(model.parameters())
    batches = _endless(loader)

    def train_batch() -> None:
        images, labels = next(batches)
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return train_batch


def _endless(loader: DataLoader[tuple[torch.Tensor, torch.Tensor]]) -> Iterator[torch.Tensor]:
    while True:
        yield from loader


if __name__ == "__main__":
    parser = parsed()
    parser.add_argument("--workers", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    serve(given, training(given))
