"""The fingerprint that the next worker of a session will have, as far as it shows without torch."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def present_fingerprint(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return `stored` with what this machine and its packages are now.

    What only torch can tell (instruction sets, the device's name) is taken to be as it was; the
    worker that resumes looks again.
    """
    known = {"machine": platform.machine()}
    for package in ("torch", "numpy"):
        try:
            known[package] = _with_build(version(package), str(stored.get(package, "")))
        except PackageNotFoundError:
            known[package] = "not installed"
    return {**stored, **known}


def _with_build(installed: str, stored: str) -> str:
    """Return the installed version; with the stored build, such as +cpu, where it names none."""
    if "+" not in installed and stored.partition("+")[0] == installed:
        return stored
    return installed
