"""Whether a session would resume bit for bit here and now, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.exactness import exact_resume
from mnist_tui.training.parameters.expected_fingerprint import present_fingerprint

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


def exactness(record: SessionRecord) -> str:
    """Return the badge of a session, empty before it first ran; reads the dataset's checksums."""
    if not record.fingerprint:
        return ""
    is_exact, reason = exact_resume(record.fingerprint, present_fingerprint(record))
    return "resumes exactly" if is_exact else f"resumes, not bit for bit: {reason}"
