"""Download of the pretrained weights of a network, for a task process.

The file appears by rename, and only when its hash is the published one.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mnist_tui.storage.atomic import TEMP_PREFIX, reason
from mnist_tui.storage.errors import failure
from mnist_tui.training.data.dataset_publication import lock_of
from mnist_tui.training.parameters.pretrained import PRETRAINED, WeightsMissingError, checked_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mnist_tui.training.parameters.pretrained import PretrainedWeights

PIECE_BYTES = 1024 * 1024


class _NotHadError(Exception):
    """The file could not be downloaded; the text is a reason, to be put in brackets."""


def run_task(arguments: dict[str, Any], on_progress: Callable[[str], None]) -> None:
    """Download the weights of `arguments`: model, folder and mirror."""
    folder = Path(arguments["folder"])
    download_weights(arguments["model"], folder, on_progress, mirror=arguments.get("mirror"))


def download_weights(
    model: str,
    folder: Path,
    on_progress: Callable[[str], None],
    *,
    mirror: str | None = None,
    idle_timeout_s: float = 30.0,
) -> None:
    """Make the weights of `model` available in `folder`; return at once if they are there already.

    Args:
        model: A key of `training.parameters.pretrained.PRETRAINED`.
        folder: Where torch keeps weights; created if missing.
        on_progress: Takes a text for the user.
        mirror: URL of a folder with the file, instead of torchvision's.
        idle_timeout_s: Seconds without a byte after which the download from a server fails.

    Raises:
        WeightsMissingError: They could not be downloaded.
        StorageError: The folder cannot be written, or has another file under this name.
    """
    weights = PRETRAINED[model]
    url = f"{mirror.rstrip('/')}/{weights.file_name}" if mirror else weights.url
    temp = folder / f"{TEMP_PREFIX}{weights.file_name}"
    try:
        with lock_of(folder, weights.file_name, f"the weights of {model}", on_progress):
            if _is_here(folder, weights):
                return
            try:
                with temp.open("wb") as file:
                    _download(url, weights, file, on_progress, idle_timeout_s)
                temp.replace(folder / weights.file_name)
            finally:
                temp.unlink(missing_ok=True)
    except _NotHadError as error:
        raise WeightsMissingError(
            f"The weights of {model} are not on this machine and the download failed ({url}:"
            f" {error}). Put {weights.file_name} in {folder}, name a folder on the web that has it"
            " with --mirror, or train everything with pretrained=false."
        ) from error
    except OSError as error:
        raise failure(
            error,
            f"The folder {folder} cannot be written ({reason(error)}); make room, check its"
            " permissions, or choose another with TORCH_HOME.",
        ) from error


def _is_here(folder: Path, weights: PretrainedWeights) -> bool:
    try:
        checked_path(folder, weights)
    except WeightsMissingError:
        return False
    return True


def _download(
    url: str,
    weights: PretrainedWeights,
    file: BinaryIO,
    on_progress: Callable[[str], None],
    idle_timeout_s: float,
) -> None:
    """Write the content of `url` into `file`.

    Raises:
        _NotHadError: It is not there, incomplete, or not the published file.
        OSError: The file cannot be written.
    """
    digest = hashlib.sha256()
    for piece in _pieces(url, weights.model, on_progress, idle_timeout_s):
        digest.update(piece)
        file.write(piece)
    if not digest.hexdigest().startswith(weights.hash_prefix):
        raise _NotHadError("what came is not the published file")


def _pieces(
    url: str, model: str, on_progress: Callable[[str], None], idle_timeout_s: float
) -> Iterator[bytes]:
    """Yield the content of `url`; errors of the network become _NotHadError."""
    try:
        with urllib.request.urlopen(url, timeout=idle_timeout_s) as answer:
            num_expected, num_read = int(answer.headers.get("Content-Length") or 0), 0
            while piece := answer.read(PIECE_BYTES):
                num_read += len(piece)
                on_progress(
                    f"Downloading the weights of {model}: {_progress(num_read, num_expected)}"
                )
                yield piece
    except urllib.error.HTTPError as error:
        with error:  # it is the response as well, with its socket
            raise _NotHadError(f"the server answers {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _NotHadError(_explain(error, idle_timeout_s)) from error
    if num_read < num_expected:
        raise _NotHadError("the file ended early")


def _progress(num_read: int, num_expected: int) -> str:
    read = f"{num_read / 2**20:.0f}"
    return f"{read} of {num_expected / 2**20:.0f} MiB" if num_expected else f"{read} MiB"


def _explain(error: Any, idle_timeout_s: float) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return f"the server sent nothing for {idle_timeout_s:g} s"
    if isinstance(cause, http.client.IncompleteRead):
        return "the file ended early"
    return reason(cause) if isinstance(cause, OSError) else str(cause)
