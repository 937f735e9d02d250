"""The newest profile of a session: time and memory of its batches, part by part."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mnist_tui.storage.atomic import reason, write_atomic
from mnist_tui.storage.errors import StorageError, failure
from mnist_tui.storage.folders import PROFILE, PROFILE_TRACE
from mnist_tui.storage.lines import UNREADABLE, require_known_format

if TYPE_CHECKING:
    from pathlib import Path

PROFILE_FORMAT = 1


class PartCost(Struct, frozen=True, kw_only=True):
    """Cost of one part of a training step, averaged over the batches of a profile."""

    part: str
    """One of `training.sessions.step_parts.Part`."""
    wall_s: float
    """Seconds by the clock, on the CPU's side."""
    device_s: float
    """Seconds of the CUDA kernels that it launched; 0 without CUDA."""
    memory_bytes: int
    """Memory of the CPU that its tensors took less what they gave back."""


class OperatorCost(Struct, frozen=True, kw_only=True):
    """Cost of one operator per batch, without the operators that it calls."""

    name: str
    calls: float
    """Calls per batch."""
    cpu_s: float
    device_s: float
    """Seconds of the CUDA kernels that it launched; 0 without CUDA."""
    memory_bytes: int
    """Memory of the CPU that it took for tensors less what it gave back."""


class Profile(Struct, frozen=True, kw_only=True):
    """Time and memory of a batch by part and operator, averaged over consecutive batches."""

    step: int
    """Optimiser steps done when the last of these batches was."""
    num_batches: int
    batch_size: int
    device: str
    threads: int | None
    """CPU threads of the training; None where torch chose them."""
    batch_s: float
    """Seconds that a batch took while it was profiled: the sum of all parts."""
    usual_batch_s: float | None
    """Seconds per batch before profiling; None if not known yet."""
    cpu_s: float
    """Seconds of all CPU threads for a batch."""
    peak_memory_bytes: int
    """The most memory that the training has used so far, as in its session's figures."""
    parts: tuple[PartCost, ...]
    """In the order of a training step."""
    operators: tuple[OperatorCost, ...]
    """Those that take the most time of the device, the greatest first."""
    num_operators: int
    """Number of different operators in all."""
    has_trace: bool
    created_at: str
    generation: int = 0
    format: int = PROFILE_FORMAT


_decoder = msgspec.json.Decoder(Profile)


def write_profile(folder: Path, profile: Profile, trace: bytes | None) -> None:
    """Replace the profile in a session's folder, which one process alone writes.

    Raises:
        DiskFullError: There is no room, at least for the trace.
        StorageError: It could not be stored for another reason.
    """
    try:
        # In this order no profile ever stands beside the trace of another one for good.
        (folder / PROFILE_TRACE).unlink(missing_ok=True)
        write_atomic(folder / PROFILE, msgspec.json.format(msgspec.json.encode(profile)) + b"\n")
        if trace is not None:
            write_atomic(folder / PROFILE_TRACE, trace)
    except OSError as error:
        raise failure(
            error, f"The profile cannot be stored in {folder} ({reason(error)}); make room."
        ) from error


def read_profile(folder: Path) -> Profile | None:
    """Return the profile in a session's folder; None if there is none ever made.

    Raises:
        StorageError: It cannot be read, is damaged, or a newer version wrote it.
    """
    path = folder / PROFILE
    content = _read(path)
    if content is None:
        return None
    if require_known_format(path, content, PROFILE_FORMAT):
        with suppress(*UNREADABLE):
            return _decoder.decode(content)
    raise StorageError(f"{path} is damaged; profile the session again.")


def read_trace(folder: Path) -> bytes | None:
    """Return the Chrome trace that was kept with the profile; None if there is none.

    Raises:
        StorageError: It cannot be read.
    """
    return _read(folder / PROFILE_TRACE)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({reason(error)}); profile the session again."
        ) from error
