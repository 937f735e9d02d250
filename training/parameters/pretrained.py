"""Weights learnt on ImageNet: their URLs, and checks of downloaded files; no torch.

They are stored where torchvision puts them: `$TORCH_HOME/hub/checkpoints`, by default
`~/.cache/torch/hub/checkpoints`. The end of a file's name is the beginning of its SHA-256.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class WeightsMissingError(StorageError):
    """The weights are not on this machine."""


@dataclass(frozen=True)
class PretrainedWeights:
    """The file with the weights of one network."""

    model: str
    url: str

    @property
    def file_name(self) -> str:
        """As `resnet50-0676ba61.pth`."""
        return self.url.rpartition("/")[2]

    @property
    def hash_prefix(self) -> str:
        """Beginning of the SHA-256 of the file."""
        return self.file_name.rpartition("-")[2].removesuffix(".pth")


PRETRAINED: dict[str, PretrainedWeights] = {
    weights.model: weights
    for weights in (
        PretrainedWeights("resnet50", "https://download.pytorch.org/models/resnet50-0676ba61.pth"),
        PretrainedWeights(
            "densenet121", "https://download.pytorch.org/models/densenet121-a639ec97.pth"
        ),
    )
}
"""By model: torchvision's IMAGENET1K_V1, trained as described in the papers."""


def weights_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of downloaded weights under an environment."""
    cache_folder = environment.get("XDG_CACHE_HOME", "~/.cache")
    home = environment.get("TORCH_HOME", f"{cache_folder}/torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def checked_path(folder: Path, weights: PretrainedWeights) -> Path:
    """Return the path of a file with the published weights.

    Raises:
        WeightsMissingError: It does not exist.
        StorageError: It cannot be read, or is not the published file.
    """
    path = folder / weights.file_name
    try:
        status = path.stat()
        digest = _sha256(path, status.st_ino, status.st_size, status.st_mtime_ns)
    except FileNotFoundError as error:
        raise WeightsMissingError(
            f"The weights of {weights.model} are not on this machine; put {weights.file_name} in"
            f" {folder}, or train everything with pretrained=false."
        ) from error
    except OSError as error:
        raise StorageError(
            f"The weights in {path} cannot be read ({reason(error)}); check its permissions."
        ) from error
    if not digest.startswith(weights.hash_prefix):
        raise StorageError(
            f"The weights in {path} are damaged or not the published ones; remove the file, and it"
            " is downloaded again."
        )
    return path


@cache
def _sha256(path: Path, _inode: int, _size: int, _mtime_ns: int) -> str:
    """Return the hash of a file, computed once while the file is unchanged."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
