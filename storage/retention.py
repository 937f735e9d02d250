"""Which checkpoints may go: a pure decision, carried out by `CheckpointFolder.prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import CheckpointInfo

NUM_KEPT = 2
"""One could be damaged by the very crash after which it is needed."""


def to_delete(manifests: Sequence[CheckpointInfo]) -> list[CheckpointInfo]:
    """Return all but the two newest and the newest best of `manifests`, given newest last."""
    best = [info for info in manifests if info.is_best][-1:]
    return [info for info in manifests[:-NUM_KEPT] if info not in best]
