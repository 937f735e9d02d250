"""Evaluations: answers and figures that belong together, or none."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.storage.results import answer_files
from mnist_tui.storage.results.evaluations import (
    list_evaluations,
    newest_evaluation,
    read_predictions,
    write_evaluation,
)
from tests.storage.evaluation_files import small_evaluation, small_predictions, write_small
from tests.storage.samples import flip_bit, full_disk, tree

if TYPE_CHECKING:
    from pathlib import Path

FIRST_MANIFEST = (
    b'{"step":4,"epoch":0.5,"split":"test","dataset":"digits","num_images":3,"sha256":"00",'
    b'"loss":0.5,"accuracy":0.6666666666666666,"mse":0.01,"ece":0.1,"confusion":[[1,0],[1,1]],'
    b'"test_s":0.25,"weights_bytes":40,"num_parameters":10,"reason":"final",'
    b'"created_at":"2026-01-02T03:04:05.678Z","generation":1,"format":1}\n'
)
NEGATIVE = FIRST_MANIFEST.replace(b'"step":4,', b'"step":1234,').replace(b"[1,0]", b"[-1,2]")


def test_what_was_stored_is_read_again(tmp_path: Path) -> None:
    written = write_small(tmp_path)
    assert newest_evaluation(tmp_path) == written
    predictions, expected = read_predictions(tmp_path, written), small_predictions()
    assert np.array_equal(predictions.probabilities, expected.probabilities)
    assert np.array_equal(predictions.labels, expected.labels)
    assert np.array_equal(predictions.images, expected.images)
    arrays = (predictions.probabilities, predictions.labels, predictions.images)
    assert [array.dtype.name for array in arrays] == ["float32", "uint8", "int64"]
    assert sorted(path.name for path in (tmp_path / "evaluation").iterdir()) == [
        "step-00001234-test.json",
        "step-00001234-test.npz",
    ]


def test_they_are_listed_by_step(tmp_path: Path) -> None:
    assert list_evaluations(tmp_path) == []
    assert newest_evaluation(tmp_path) is None
    for step in (700, 90, 1234):
        write_small(tmp_path, step=step)
    assert [each.step for each in list_evaluations(tmp_path)] == [90, 700, 1234]


def test_a_second_one_of_the_same_step_replaces_the_first(tmp_path: Path) -> None:
    first = write_small(tmp_path)
    second = write_small(tmp_path, num_wrong=9, seed=1, reason="requested")
    assert list_evaluations(tmp_path) == [second]
    assert first.sha256 != second.sha256
    assert (read_predictions(tmp_path, second).probabilities.argmax(axis=1)).shape == (60,)
    with pytest.raises(StorageError, match="checksum does not match; evaluate"):
        read_predictions(tmp_path, first)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b'"num_images":60', b'"num_images":61'),
        lambda content: content.replace(b'"step":1234', b'"step":1235'),
        lambda content: content.replace(b'"confusion":[[', b'"confusion":[[-1,'),
        lambda _content: NEGATIVE,
        lambda _content: b"\xff\x00",
    ],
)
def test_a_damaged_manifest_is_left_out(tmp_path: Path, damage: object) -> None:
    kept = write_small(tmp_path, step=90)
    write_small(tmp_path)
    manifest = tmp_path / "evaluation" / "step-00001234-test.json"
    manifest.write_bytes(damage(manifest.read_bytes()))  # type: ignore[operator]
    assert list_evaluations(tmp_path) == [kept]


def test_damaged_or_missing_answers_are_refused_with_a_sentence(tmp_path: Path) -> None:
    evaluation = write_small(tmp_path)
    path = tmp_path / "evaluation" / "step-00001234-test.npz"
    flip_bit(path, 4000)
    with pytest.raises(StorageError, match="is damaged: its checksum does not match; evaluate"):
        read_predictions(tmp_path, evaluation)
    path.unlink()
    with pytest.raises(StorageError, match="is missing; evaluate the session again"):
        read_predictions(tmp_path, evaluation)


def test_answers_of_another_shape_are_refused(tmp_path: Path) -> None:
    fewer = small_predictions(num_images=50)
    whole = small_evaluation(small_predictions())
    written = write_evaluation(tmp_path, whole, fewer)
    with pytest.raises(StorageError, match=r"does not hold .*\(50, 10\) probabilities, not \(60"):
        read_predictions(tmp_path, written)


def test_without_room_the_one_before_is_as_it_was(tmp_path: Path) -> None:
    write_small(tmp_path)
    before = tree(tmp_path)
    with full_disk(100), pytest.raises(DiskFullError, match=r"step 1,234 cannot be stored in"):
        write_small(tmp_path, seed=1)
    assert tree(tmp_path) == before


def test_a_session_that_was_removed_is_not_made_again(tmp_path: Path) -> None:
    predictions = small_predictions()
    with pytest.raises(StorageError, match="cannot be stored"):
        write_evaluation(tmp_path / "7", small_evaluation(predictions), predictions)
    assert not (tmp_path / "7").exists()


def test_the_first_format_is_read_for_ever(tmp_path: Path) -> None:
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "step-00000004-test.json").write_bytes(FIRST_MANIFEST)
    evaluation = newest_evaluation(tmp_path)
    assert evaluation is not None
    assert (evaluation.step, evaluation.confusion) == (4, ((1, 0), (1, 1)))
    written = msgspec.json.decode(msgspec.json.encode(evaluation))
    assert written == msgspec.json.decode(FIRST_MANIFEST)


def test_a_newer_format_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "evaluation").mkdir()
    path = tmp_path / "evaluation" / "step-00000004-test.json"
    path.write_bytes(FIRST_MANIFEST.replace(b'"format":1', b'"format":2'))
    with pytest.raises(StorageError, match=r"newer mnist-tui \(format 2"):
        list_evaluations(tmp_path)


def test_figures_are_read_without_numpy() -> None:
    code = "import sys, mnist_tui.storage.results.evaluations; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_manifest_never_stands_beside_the_answers_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small(tmp_path)

    def is_full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(answer_files, "write_atomic", is_full)
    with pytest.raises(DiskFullError):
        write_small(tmp_path, num_wrong=9, seed=1)
    assert list_evaluations(tmp_path) == []
