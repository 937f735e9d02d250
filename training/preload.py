"""What the fork server imports before it forks: everything a worker needs, and no device.

Importing must start no thread and touch no CUDA; a test holds it to that.
"""

import os

# OpenBLAS would start its threads at numpy's import; a process that forks must have only one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import training.assembly  # noqa: E402 — after the setting above
import training.summary  # noqa: E402
import training.task  # noqa: E402
import training.worker  # noqa: E402, F401
