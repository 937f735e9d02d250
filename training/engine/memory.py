"""Memory of a training: its peak, and the allocator's settings on the CPU."""

from __future__ import annotations

import ctypes
import re
import resource
import sys
from contextlib import suppress
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(rb"^VmHWM:\s+([0-9]+) kB", re.MULTILINE)
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
"""The unit of `ru_maxrss`."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""From glibc's malloc.h."""
KEPT_BYTES = 1 << 30
"""More than the tensors of a batch take; larger blocks go back to the system as before."""


def keep_freed_memory() -> None:
    """Let this process keep the memory that it frees; without glibc do nothing.

    By default glibc returns it to the system, which clears every page anew for the next batch:
    4,500 page faults in a batch of 64 images of `cnn`, two fifths of its time on some machines.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


class PeakMemory:
    """The most memory that a training has used since this object was made.

    On CUDA the most that tensors took on the device (`max_memory_allocated`), without what driver
    and allocator reserve. Elsewhere the largest resident size of the process less the one at the
    start: pages of torch that a worker shares with the fork server do not count, those of libraries
    that it is the first to touch do.
    """

    def __init__(self) -> None:
        self._at_start = self._peak = _peak_resident_bytes()

    def num_bytes(self, device: torch.device) -> int:
        """Return the peak until now; takes some 50 µs."""
        if device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(device))
        # The kernel updates its count in batches, so it may fall a little.
        self._peak = max(self._peak, _peak_resident_bytes())
        return self._peak - self._at_start


def _peak_resident_bytes() -> int:
    """Return the largest resident size of this program so far."""
    try:
        match = _PEAK.search(_STATUS.read_bytes())
    except OSError:
        match = None
    if match is not None:
        return 1024 * int(match[1])
    # On Linux this also counts the program that the process ran before exec.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
