"""Retention policy of checkpoints: a pure decision, carried out by `CheckpointFolder.prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import CheckpointInfo

NUM_KEPT = 2
"""One could be damaged by the very crash after which it is needed."""


def to_delete(manifests: Sequence[CheckpointInfo]) -> list[CheckpointInfo]:
    """Return what may go of `manifests`, given newest last.

    Those with a name stay for ever; of the others the two newest and the newest best stay.
    """
    best = [info for info in manifests if info.is_best][-1:]
    unnamed = [info for info in manifests if not info.name]
    return [info for info in unnamed[:-NUM_KEPT] if info not in best]
