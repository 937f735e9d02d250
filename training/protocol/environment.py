"""Environment variables passed from a client to its sessions, and the folder of the user's code."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE_VARIABLE = "MNIST_TUI_CODE"
"""Names the first folder on the search path for the user's models."""

FORWARDED_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "CUBLAS_WORKSPACE_CONFIG",
    "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ENABLE_MPS_FALLBACK",
    "TORCH_HOME",
    CODE_VARIABLE,
)
"""Variables that a client may send; the worker sees no others of the client's environment."""


def forwarded_environment() -> dict[str, str]:
    """Return the variables passed on from this process, with the folder of the user's code."""
    variables = {name: os.environ[name] for name in FORWARDED_VARIABLES if name in os.environ}
    with contextlib.suppress(OSError):  # the folder may have been removed
        variables.setdefault(CODE_VARIABLE, str(Path.cwd()))
    return variables


def take(environment: Mapping[str, str]) -> None:
    """Set the variables before a device is used, and make the user's code importable."""
    os.environ.update(environment)
    folder = environment.get(CODE_VARIABLE, "")
    if folder and folder not in sys.path:
        sys.path.insert(0, folder)
