"""The recipe of PyTorch's MNIST example, until the test accuracy is reached; nothing of ours.

Two convolutions of 32 and 64 filters, dropout, a dense layer of 128, Adadelta at 1.0, a factor of
0.7 after each epoch, batches of 64 (of 1,000 for the test). Tells each epoch's test accuracy, and
exits 0 once one is high enough. Run: `python tests/benchmarks/reference_example.py --data-dir DIR`
"""

from __future__ import annotations

import argparse
import sys

import torch
from torch import Tensor, nn, optim
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

EPOCHS = 4


class Network(nn.Module):
    """The example's network: 1,199,882 weights."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(64 * 12 * 12, 128),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(128, 10),
            nn.LogSoftmax(dim=1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return log-probabilities."""
        result: Tensor = self.classifier(self.features(images))
        return result


def main() -> int:
    """Train until the accuracy is reached, or to the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accuracy", type=float, default=0.99)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    device = torch.device(options.device)
    workers = {"num_workers": 1, "pin_memory": True} if device.type == "cuda" else {}
    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    training = datasets.MNIST(options.data_dir, train=True, transform=transform)
    testing = datasets.MNIST(options.data_dir, train=False, transform=transform)
    train_batches = DataLoader(training, batch_size=64, shuffle=True, **workers)  # type: ignore[arg-type]
    test_batches = DataLoader(testing, batch_size=1000, **workers)  # type: ignore[arg-type]
    model = Network().to(device)
    optimizer = optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        for images, labels in train_batches:
            optimizer.zero_grad()
            loss = functional.nll_loss(model(images.to(device)), labels.to(device))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        scheduler.step()
        accuracy = _accuracy(model, test_batches, device) / len(testing)
        print(f"epoch {epoch}: {accuracy:.4f}", flush=True)
        if accuracy >= options.accuracy:
            break
    return 0


@torch.no_grad()
def _accuracy(model: Network, batches: DataLoader[Tensor], device: torch.device) -> int:
    model.eval()
    return sum(
        int((model(images.to(device)).argmax(1) == labels.to(device)).sum())
        for images, labels in batches
    )


if __name__ == "__main__":
    sys.exit(main())
