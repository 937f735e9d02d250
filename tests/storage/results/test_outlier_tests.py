"""Stored outlier tests: whole or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import CheckpointInfo, Position
from mnist_tui.storage.results.outlier_tests import (
    answers_path,
    find_outlier_test,
    list_outlier_tests,
    read_outlier_answers,
    write_outlier_test,
)
from tests.storage.outlier_files import small_answers, small_test
from tests.storage.samples import flip_bit

if TYPE_CHECKING:
    from pathlib import Path


def info(step: int, generation: int) -> CheckpointInfo:
    return CheckpointInfo(
        file="step.pt", num_bytes=1, sha256="", position=Position(step=step), epoch=1.0,
        reason="final", is_best=False, generation=generation, fingerprint={}, created_at="",
    )  # fmt: skip


def test_what_was_stored_reads_back_and_is_found_by_weights_and_images(tmp_path: Path) -> None:
    answers = small_answers()
    stored = write_outlier_test(tmp_path, small_test(step=7, generation=2), answers)
    other = write_outlier_test(
        tmp_path, small_test(step=7, generation=2, source_key="kmnist-3"), answers
    )
    assert set(list_outlier_tests(tmp_path)) == {stored, other}
    assert find_outlier_test(tmp_path, info(7, 2), "kmnist-3") == other
    assert find_outlier_test(tmp_path, info(7, 2), "signs") == stored
    assert find_outlier_test(tmp_path, info(7, 3), "signs") is None
    assert find_outlier_test(tmp_path, info(8, 2), "signs") is None
    read = read_outlier_answers(tmp_path, stored)
    assert np.array_equal(read.probabilities, answers.probabilities)
    assert np.array_equal(read.passes, answers.passes)
    assert np.array_equal(read.images, answers.images)
    again = write_outlier_test(tmp_path, small_test(step=7, generation=3), answers)
    assert find_outlier_test(tmp_path, info(7, 3), "signs") == again
    assert len(list_outlier_tests(tmp_path)) == 2


def test_damage_is_told_or_passed_over(tmp_path: Path) -> None:
    stored = write_outlier_test(tmp_path, small_test(), small_answers())
    path = answers_path(tmp_path, stored)
    flip_bit(path, 700)
    with pytest.raises(StorageError, match=r"is damaged: .*; show the images to the session again"):
        read_outlier_answers(tmp_path, stored)
    path.unlink()
    with pytest.raises(StorageError, match="is missing; show the images"):
        read_outlier_answers(tmp_path, stored)
    path.with_suffix(".json").write_bytes(b'{"format":1')
    assert list_outlier_tests(tmp_path) == []
    newer = msgspec.json.encode(msgspec.structs.replace(stored, format=2))
    path.with_suffix(".json").write_bytes(newer)
    with pytest.raises(StorageError, match="newer"):
        list_outlier_tests(tmp_path)


def test_answers_that_do_not_fit_their_manifest_are_refused(tmp_path: Path) -> None:
    for changes in ({"names": ("A",)}, {"num_passes": 2}):
        stored = write_outlier_test(tmp_path, small_test(**changes), small_answers())
        with pytest.raises(StorageError, match="does not hold what its manifest says"):
            read_outlier_answers(tmp_path, stored)


def test_a_session_that_is_gone_gets_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be stored"):
        write_outlier_test(tmp_path / "gone", small_test(), small_answers())
    assert not (tmp_path / "gone").exists()
    assert list_outlier_tests(tmp_path / "gone") == []
