"""Imports of the fork server before it forks: everything that a worker needs, and no device.

They must start no thread and not initialize CUDA; a test checks this.
"""

import gc
import os

# OpenBLAS would start its threads at numpy's import; a process that forks must have only one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import mnist_tui.training.worker.assembly
import mnist_tui.training.worker.model_summary
import mnist_tui.training.worker.task_process
import mnist_tui.training.worker.worker_process  # noqa: F401

# A garbage collection writes into every object that it visits, and so makes a child copy the pages
# that it shares with this process.
gc.collect()
gc.freeze()
