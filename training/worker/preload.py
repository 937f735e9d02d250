"""What the fork server imports before it forks: everything a worker needs, and no device.

Importing must start no thread and touch no CUDA; a test holds it to that.
"""

import gc
import os

# OpenBLAS would start its threads at numpy's import; a process that forks must have only one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import mnist_tui.training.worker.assembly
import mnist_tui.training.worker.model_summary
import mnist_tui.training.worker.task_process
import mnist_tui.training.worker.worker_process  # noqa: F401

# A collection writes into every object it looks at, and so copies what a child shares with this
# process.
gc.collect()
gc.freeze()
