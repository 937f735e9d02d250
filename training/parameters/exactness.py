"""Exactness of a resume: bit for bit the uninterrupted training, or the reason; no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "device": "device",
    "device_name": "processor",
    "machine": "machine type",
    "threads": "number of CPU threads",
    "precision": "precision",
    "torch": "torch version",
    "numpy": "numpy version",
    "cpu_capability": "instruction set torch uses",
    "onednn_isa": "instruction set oneDNN may use",
    "data": "dataset",
    "code": "code of your model",
}
"""Properties that results depend on, in the order of reporting a difference."""


def exact_resume(stored: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[bool, str | None]:
    """Return True if the present process continues a stored one bit for bit, and the reason if not.

    Args:
        stored: The fingerprint of the checkpoint; empty for a session that never ran.
        present: The fingerprint of the process that continues.
    """
    if not stored:
        return True, None
    for field, name in FIELDS.items():
        before, now = stored.get(field, "unknown"), present.get(field, "unknown")
        if before != now:
            return False, f"The {name} differs: {before} before, {now} now."
    device = str(present.get("device"))
    if device != "cpu":
        return False, f"Results on {device} are not promised to be the same to the last bit."
    return True, None
