"""What the fork server imports before it forks: everything a worker needs, and no device.

Importing must start no thread and touch no CUDA; a test holds it to that.
"""

import training.assembly
import training.summary
import training.task
import training.worker  # noqa: F401
