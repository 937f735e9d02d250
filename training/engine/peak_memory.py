"""The most memory a training has used so far.

On CUDA that is what tensors took on the device at most (`max_memory_allocated`), without what the
driver and the allocator keep for themselves. Elsewhere it is the largest resident size of the
process less the one at its birth: pages of torch that a worker shares with the fork server from
the beginning do not count, those of libraries that it is the first to touch do.
"""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

import torch

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(rb"^VmHWM:\s+([0-9]+) kB", re.MULTILINE)
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in."""


class PeakMemory:
    """Measures a worker from now on."""

    def __init__(self) -> None:
        self._at_birth = self._peak = _peak_resident_bytes()

    def num_bytes(self, device: torch.device) -> int:
        """Return the peak until now; takes some 50 µs."""
        if device.type == "cuda":
            return int(torch.cuda.max_memory_allocated(device))
        # The kernel counts in portions, and now and then a little less than before.
        self._peak = max(self._peak, _peak_resident_bytes())
        return self._peak - self._at_birth


def _peak_resident_bytes() -> int:
    """Return the largest resident size this program has had."""
    try:
        found = _PEAK.search(_STATUS.read_bytes())
    except OSError:
        found = None
    if found is not None:
        return 1024 * int(found[1])
    # On Linux it would count what the process was before it became this program, too.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
