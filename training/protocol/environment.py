"""What a session's process is told of its client's environment, and where its user's code lies."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE_VARIABLE = "MNIST_TUI_CODE"
"""Names the folder in which models of the user's are looked for first."""

FORWARDED_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUBLAS_WORKSPACE_CONFIG",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ENABLE_MPS_FALLBACK",
    "TORCH_HOME",
    CODE_VARIABLE,
)
"""What a client may send of its environment; the worker sees these and no others of it."""


def forwarded_environment() -> dict[str, str]:
    """Return what a session gets of this process: variables, and where its user's code lies."""
    found = {name: os.environ[name] for name in FORWARDED_VARIABLES if name in os.environ}
    with contextlib.suppress(OSError):  # the folder may have been removed
        found.setdefault(CODE_VARIABLE, str(Path.cwd()))
    return found


def take(environment: Mapping[str, str]) -> None:
    """Set what was sent in this process, before a device is touched, and find the user's code."""
    os.environ.update(environment)
    folder = environment.get(CODE_VARIABLE, "")
    if folder and folder not in sys.path:
        sys.path.insert(0, folder)
