"""The most memory a training has used so far.

On CUDA that is what tensors took on the device at most (`max_memory_allocated`), without what the
driver and the allocator keep for themselves. Elsewhere it is the largest resident size of the
process less the one at its birth: pages of torch that a worker shares with the fork server from
the beginning do not count, those of libraries that it is the first to touch do.
"""

from __future__ import annotations

import resource
import sys

import torch

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in."""


class PeakMemory:
    """Measures a worker from now on."""

    def __init__(self) -> None:
        self._at_birth = _peak_resident_bytes()

    def num_bytes(self, device: torch.device) -> int:
        """Return the peak until now; takes microseconds."""
        if device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(device))
        return _peak_resident_bytes() - self._at_birth


def _peak_resident_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_BYTES
