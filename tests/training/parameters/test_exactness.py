"""`exact_resume` is false for each thing that results depend on, and says which."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from mnist_tui.storage.datasets.dataset_folder import checksum, raw_folder
from mnist_tui.storage.datasets.idx_files import write_idx
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import SessionRecord
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine.device import fingerprint
from mnist_tui.training.parameters.exactness import FIELDS, exact_resume
from mnist_tui.training.parameters.expected_fingerprint import cpu_capability, present_fingerprint
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from pathlib import Path

CPU = torch.device("cpu")


@pytest.fixture
def record(tmp_path: Path) -> SessionRecord:
    """A session that a worker of this machine has trained on a small dataset."""
    folder = raw_folder(tmp_path, "digits")
    folder.mkdir(parents=True)
    random = np.random.Generator(np.random.Philox(key=1))
    for split, count in (("train", 40), ("t10k", 20)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, count).astype(np.uint8)
        write_idx(folder / f"{split}-images-idx3-ubyte", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte", labels)
    given = {"threads": torch.get_num_threads(), "validation": 5, "batch_size": 8}
    parameters = resolve(given, sizes=even_sizes({"digits": 40}), default_threads=1)
    data = load_data(tmp_path, parameters, CPU)
    return SessionRecord(
        id=1,
        name="trained",
        parameters=to_plain(parameters),
        created_at="2026-01-02T03:04:05.678Z",
        data_dir=str(tmp_path),
        device="cpu",
        fingerprint=fingerprint(CPU, data.checksum()),
    )


def answer(record: SessionRecord) -> tuple[bool, str | None]:
    return exact_resume(record.fingerprint, present_fingerprint(record))


def altered(record: SessionRecord, field: str, value: Any) -> SessionRecord:
    return replace(record, fingerprint=record.fingerprint | {field: value})


def test_where_nothing_has_changed_it_is_true(record: SessionRecord) -> None:
    assert set(record.fingerprint) == set(FIELDS)
    assert answer(record) == (True, None)
    assert present_fingerprint(record) == record.fingerprint


def test_a_session_that_never_ran_can_only_be_exact(record: SessionRecord) -> None:
    assert answer(replace(record, fingerprint={}, device=None)) == (True, None)


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_alone_makes_it_false_and_is_named(record: SessionRecord, field: str) -> None:
    is_exact, reason = answer(altered(record, field, "something else"))
    assert not is_exact
    assert reason is not None
    assert reason.startswith(f"The {FIELDS[field]} differs: something else before, ")


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_was_not_stored_makes_it_false(record: SessionRecord, field: str) -> None:
    stored = {name: value for name, value in record.fingerprint.items() if name != field}
    assert not exact_resume(stored, record.fingerprint)[0]


def test_other_threads_make_it_false(record: SessionRecord) -> None:
    threads = torch.get_num_threads()
    changed = replace(record, parameters=record.parameters | {"threads": threads + 1})
    reason = f"The number of CPU threads differs: {threads} before, {threads + 1} now."
    assert answer(changed) == (False, reason)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ATEN_CPU_CAPABILITY", "default", "instruction set torch uses"),
        ("ONEDNN_MAX_CPU_ISA", "SSE41", "instruction set oneDNN may use"),
    ],
)
def test_other_instructions_make_it_false(
    record: SessionRecord, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    is_exact, reason = answer(record)
    assert not is_exact
    assert words in (reason or "")


def test_one_changed_pixel_or_label_makes_it_false(record: SessionRecord, tmp_path: Path) -> None:
    for name in ("train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        path = raw_folder(tmp_path, "digits") / name
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([(before[-1] + 1) % 10]))
        is_exact, reason = answer(record)
        assert not is_exact
        assert "dataset" in (reason or "")
        path.write_bytes(before)
    assert answer(record) == (True, None)


def test_missing_data_makes_it_false(record: SessionRecord, tmp_path: Path) -> None:
    path = raw_folder(tmp_path, "digits") / "train-images-idx3-ubyte"
    path.unlink()
    with pytest.raises(StorageError):
        checksum(tmp_path, "digits")
    is_exact, reason = answer(record)
    assert not is_exact
    assert (reason or "").endswith("none now.")


def test_a_gpu_is_never_promised(record: SessionRecord) -> None:
    changed = altered(replace(record, device="cuda:0"), "device", "cuda")
    assert not answer(changed)[0]
    on_card = record.fingerprint | {"device": "cuda"}
    assert "not promised" in str(exact_resume(on_card, on_card)[1])


@pytest.mark.parametrize("chosen", [None, "default", "avx2"])
def test_the_instruction_set_is_the_one_that_torch_says(chosen: str | None) -> None:
    environment = {name: text for name, text in os.environ.items() if name[:5] != "ATEN_"}
    if chosen:
        environment["ATEN_CPU_CAPABILITY"] = chosen
    expected = cpu_capability(environment)
    if expected is None:
        pytest.skip("torch alone knows the instruction sets of this machine")
    code = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == expected
