"""The few images that are scored while training: a file to look at, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.results.fixed_images import read_fixed_images
from tests.storage.evaluation_files import write_small_samples
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from pathlib import Path


def test_the_newest_samples_replace_those_before(tmp_path: Path) -> None:
    assert read_fixed_images(tmp_path) is None
    write_small_samples(tmp_path)
    written = write_small_samples(tmp_path, step=200, epoch=1.5, seed=1)
    found = read_fixed_images(tmp_path)
    assert found is not None
    assert (found.step, found.epoch) == (200, 1.5)
    assert np.array_equal(found.probabilities, written.probabilities)
    assert np.array_equal(found.labels, written.labels)
    assert np.array_equal(found.images, written.images)
    assert [path.name for path in tmp_path.iterdir()] == ["samples.npz"]


def test_what_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    write_small_samples(tmp_path)
    path = tmp_path / "samples.npz"
    content = path.read_bytes()
    for damaged in (b"", content[:100], content[: len(content) // 2], b"no archive at all"):
        path.write_bytes(damaged)
        assert read_fixed_images(tmp_path) is None
    path.write_bytes(content.replace(b"labels.npy", b"tables.npy"))
    assert read_fixed_images(tmp_path) is None
    path.unlink()
    path.mkdir()
    assert read_fixed_images(tmp_path) is None


def test_without_room_those_before_stay(tmp_path: Path) -> None:
    write_small_samples(tmp_path)
    with full_disk(500), pytest.raises(OSError, match="File too large"):
        write_small_samples(tmp_path, step=200)
    found = read_fixed_images(tmp_path)
    assert found is not None
    assert found.step == 100
