"""What the C library does with memory that a batch has freed: it keeps it for the next batch.

By default glibc gives it back to the system, which clears every page anew for the next batch: 4,500
page faults in a batch of 64 images of `cnn`, two fifths of its time on some machines.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""
KEPT_BYTES = 1 << 30
"""More than the tensors of a batch take; what is larger goes back to the system as before."""


def keep_freed_memory() -> None:
    """Let this process keep what it frees; does nothing where the C library is not glibc."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
