from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, FILES
from mnist_tui.storage.datasets.dataset_folder import raw_folder
from mnist_tui.storage.datasets.idx_files import write_idx
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError
from mnist_tui.storage.records import SessionRecord
from mnist_tui.training.data.dataset import load_data, normalize
from mnist_tui.training.engine.device import fingerprint
from mnist_tui.training.engine.loop import Outcome, train
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.exactness import exact_resume
from mnist_tui.training.parameters.expected_fingerprint import present_fingerprint
from mnist_tui.training.parameters.hyperparameters import Hyperparameters, to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes
from tests.training.worlds import (
    CPU,
    CountedLease,
    KeepingSink,
    ScriptedControl,
    small_data,
)


def parameters_of(**given: Any) -> Hyperparameters:
    values = {"validation": 6, "batch_size": 4, "device": "cpu", **given}
    return resolve(values, sizes=even_sizes({"digits": 20, "mnist": 60_000}), default_threads=1)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Twenty training and five test images; each pixel tells the number of its image."""
    raw = raw_folder(tmp_path, "digits")
    raw.mkdir(parents=True)
    for split, count in (("train", 20), ("test", 5)):
        images = np.repeat(np.arange(count, dtype=np.uint8), 784).reshape(count, 28, 28)
        write_idx(raw / FILES[split, "images"], images)
        write_idx(raw / FILES[split, "labels"], np.arange(count, dtype=np.uint8) % 10)
    return tmp_path


def test_validation_takes_the_last_images_of_the_training_file(data_dir: Path) -> None:
    data = load_data(data_dir, parameters_of(), CPU)
    assert data.train.images[:, 0, 0].tolist() == list(range(14))
    assert data.validation.images[:, 0, 0].tolist() == list(range(14, 20))
    assert data.validation.labels.tolist() == [4, 5, 6, 7, 8, 9]
    assert data.test.images.shape == (5, 28, 28)
    assert (data.train.images.dtype, data.train.labels.dtype) == (torch.uint8, torch.int64)


def test_validation_may_be_none(data_dir: Path) -> None:
    data = load_data(data_dir, parameters_of(validation=0), CPU)
    assert (len(data.train), len(data.validation)) == (20, 0)
    assert data.checksum() == load_data(data_dir, parameters_of(), CPU).checksum()


def test_images_are_those_of_the_mapped_file_and_not_a_copy(data_dir: Path) -> None:
    data = load_data(data_dir, parameters_of(), CPU)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc here")
    path = str(raw_folder(data_dir, "digits") / FILES["train", "images"])
    starts = [int(line.split("-")[0], 16) for line in maps.read_text().splitlines() if path in line]
    # 16 bytes of header, then the first pixel.
    assert data.train.images.data_ptr() - 16 in starts


def test_a_subset_is_copied_with_its_labels_and_the_test_images_stay_mapped(data_dir: Path) -> None:
    data = load_data(data_dir, parameters_of(subset=10, validation=3), CPU)
    assert (
        data.train.images[:, 5, 5].tolist() == data.train.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    )
    assert data.validation.images[:, 5, 5].tolist() == [7, 8, 9]
    assert data.test.labels.tolist() == [0, 1, 2, 3, 4]
    assert data.test_indices.tolist() == [20, 21, 22, 23, 24]


def test_pooled_splits_hold_each_image_once_and_the_test_images_know_their_numbers(
    data_dir: Path,
) -> None:
    data = load_data(data_dir, parameters_of(split="pooled", validation=None), CPU)
    assert (len(data.train), len(data.validation), len(data.test)) == (15, 5, 5)
    images = np.concatenate([np.arange(20), np.arange(5)])
    assert data.test.images[:, 9, 9].tolist() == images[data.test_indices].tolist()
    assert data.test.labels.tolist() == (images[data.test_indices] % 10).tolist()
    splits = (data.train, data.validation, data.test)
    found = [number for split in splits for number in split.images[:, 0, 0].tolist()]
    assert sorted(found) == sorted(images.tolist())


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"subset": 10, "validation": 3},
        {"fraction": 0.5, "validation": 1},
        {"split": "pooled", "validation": None},
    ],
)
def test_the_files_tell_the_checksum_of_what_a_worker_trains_on(
    data_dir: Path, given: dict[str, Any]
) -> None:
    parameters = parameters_of(**given)
    plain = to_plain(parameters)
    record = SessionRecord(id=1, name="", parameters=plain, data_dir=str(data_dir), created_at="")
    assert present_fingerprint(record)["data"] == load_data(data_dir, parameters, CPU).checksum()


def test_changing_an_image_never_reaches_the_file(data_dir: Path) -> None:
    data = load_data(data_dir, parameters_of(), CPU)
    data.train.images.fill_(9)
    assert load_data(data_dir, parameters_of(), CPU).train.images[0, 0, 0] == 0


def test_a_batch_holds_the_images_asked_for(data_dir: Path) -> None:
    batch = load_data(data_dir, parameters_of(), CPU).train.take(torch.tensor([3, 12, 3]))
    assert batch.images[:, 27, 27].tolist() == [3, 12, 3]
    assert batch.labels.tolist() == [3, 2, 3]


def test_pixels_become_unit_or_standard() -> None:
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(3, 1, 1).expand(3, 28, 28)
    unit = normalize(images, "unit")
    assert (unit.shape, unit.dtype) == ((3, 1, 28, 28), torch.float32)
    assert unit[:, 0, 5, 5].tolist() == pytest.approx([0, 0.2, 1])
    standard = normalize(images, "standard")
    assert standard[:, 0, 5, 5].tolist() == pytest.approx([-0.4242, 0.2249, 2.8215], abs=1e-4)
    assert images[2, 0, 0] == 255


@pytest.mark.parametrize(
    ("num_train", "batch_size", "expected"),
    [(3600, 128, 29), (50_000, 64, 782), (128, 128, 1), (129, 128, 2)],
)
def test_the_last_batch_of_an_epoch_may_be_smaller(
    num_train: int, batch_size: int, expected: int
) -> None:
    parameters = parameters_of(dataset="mnist", batch_size=batch_size)
    run = TrainingState(parameters, small_data(num_train, 0, 1), CPU)
    assert run.steps_per_epoch == expected


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="train-images-idx3-ubyte is missing"):
        load_data(tmp_path, parameters_of(), CPU)


def test_damaged_files_are_refused(data_dir: Path) -> None:
    path = raw_folder(data_dir, "digits") / FILES["test", "images"]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetDamagedError, match="is damaged"):
        load_data(data_dir, parameters_of(), CPU)


def test_a_folder_with_too_few_images_is_refused(data_dir: Path) -> None:
    parameters = parameters_of(dataset="mnist", validation=5000, batch_size=64)
    raw_folder(data_dir, "digits").parent.rename(data_dir / DATASETS["mnist"].folder)
    with pytest.raises(ValueError, match=r"too few images, .* 5,000 of 20 training"):
        load_data(data_dir, parameters, CPU)


def test_a_folder_without_test_images_is_refused(data_dir: Path) -> None:
    raw = raw_folder(data_dir, "digits")
    write_idx(raw / FILES["test", "images"], np.zeros((0, 28, 28), np.uint8))
    write_idx(raw / FILES["test", "labels"], np.zeros(0, np.uint8))
    with pytest.raises(ValueError, match="has no test images"):
        load_data(data_dir, parameters_of(), CPU)


# Fingerprint


def test_the_same_process_and_data_can_go_on_exactly(data_dir: Path) -> None:
    torch.set_num_threads(1)
    data = load_data(data_dir, parameters_of(), CPU)
    one, two = fingerprint(CPU, data.checksum()), fingerprint(CPU, data.checksum())
    assert exact_resume(one, two) == (True, None)
    assert exact_resume({}, two) == (True, None)
    assert all(value is None or type(value) in (str, int) for value in one.values())


def test_other_data_or_threads_or_versions_are_told(data_dir: Path) -> None:
    torch.set_num_threads(1)
    stored = fingerprint(CPU, load_data(data_dir, parameters_of(), CPU).checksum())
    path = raw_folder(data_dir, "digits") / FILES["train", "labels"]
    labels = bytearray(path.read_bytes())
    labels[-1] ^= 1
    path.write_bytes(labels)
    present = fingerprint(CPU, load_data(data_dir, parameters_of(), CPU).checksum())
    is_exact, reason = exact_resume(stored, present)
    assert not is_exact
    assert reason == f"The dataset differs: {stored['data']} before, {present['data']} now."
    assert exact_resume(stored, stored | {"threads": 4, "torch": "9"}) == (
        False,
        "The number of CPU threads differs: 1 before, 4 now.",
    )


def test_a_graphics_card_promises_nothing() -> None:
    on_card = {"device": "cuda"}
    is_exact, reason = exact_resume(on_card, on_card)
    assert not is_exact
    assert reason == "Results on cuda are not promised to be the same to the last bit."


# The real thing


def test_real_mnist_is_learnt_within_a_few_hundred_steps(mnist_dir: Path) -> None:
    torch.set_num_threads(1)
    parameters = parameters_of(
        dataset="mnist", model="lenet", validation=40_000, batch_size=64, epochs=1
    )
    data = load_data(mnist_dir, parameters, CPU)
    run, sink = TrainingState(parameters, data, CPU), KeepingSink()
    assert run.steps_per_epoch == 313
    outcome = train(run, ScriptedControl(), sink, CountedLease())
    assert outcome is Outcome.FINISHED
    test = sink.metric_rows[-1]
    assert test.split == "test"
    assert test.accuracy is not None
    assert test.accuracy > 0.93
    # 20,000 training images in rows of ten batches: mean squared error falls with the loss.
    first, last = sink.metric_rows[0], sink.metric_rows[31]
    assert first.mse is not None
    assert last.mse is not None
    assert last.mse < first.mse / 4
