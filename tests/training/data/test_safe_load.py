"""Checkpoints that somebody made to run code or to fill the memory."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import resource
import subprocess
import zipfile
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import CheckpointDamagedError
from mnist_tui.storage.records import Position
from mnist_tui.training.data.safe_load import UntrustedError, load_plain
from mnist_tui.training.engine import state_dict as snapshot
from mnist_tui.training.engine.state_dict import SnapshotDamagedError, SnapshotError
from tests.training.worlds import digest, small_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANARY = "MNIST_TUI_CANARY"


class Call:
    """Unpickles by calling a function, as hostile pickles do."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def saved(content: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def rewritten(content: bytes, change: Callable[[str, bytes], bytes], **options: Any) -> bytes:
    """Return the archive with every entry passed through `change`."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", **options) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return buffer.getvalue()


def larger_number(name: str, content: bytes) -> bytes:
    """Declare a storage of 100,000,000 numbers where there are 100."""
    return content.replace(b"Kd", b"J\x00\xe1\xf5\x05") if name.endswith("data.pkl") else content


def self_reference() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def doubled(times: int) -> list[Any]:
    value: list[Any] = [1]
    for _ in range(times):
        value = [value, value]
    return value


CODE = [
    Call(os.system, f"touch ${CANARY}"),
    Call(builtins.eval, f"open(__import__('os').environ['{CANARY}'], 'w')"),
    Call(builtins.exec, f"open(__import__('os').environ['{CANARY}'], 'w')"),
    Call(subprocess.call, ["touch", "canary"]),
    Call(getattr, "text", "upper"),
    Call(__import__, "os"),
    Call(nn.Linear, 1, 1),
    nn.Linear(1, 1),
    range(5),
    Position(),
]

HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"nonsense",
    "half a zip": lambda: saved({"a": torch.zeros(100)})[:700],
    "a bare pickle": lambda: pickle.dumps({"format": 1}),
    "the old format": lambda: saved({"format": 1}, _use_new_zipfile_serialization=False),
    "compressed": lambda: rewritten(
        saved({"a": torch.zeros(10_000_000)}),
        lambda _name, content: content,
        compression=zipfile.ZIP_DEFLATED,
    ),
    "a giant of strides 0": lambda: saved({"a": torch.zeros(1).expand(100_000, 100_000)}),
    "a storage that declares more than it has": lambda: rewritten(
        saved({"a": torch.zeros(100)}), larger_number
    ),
    "a tensor without memory": lambda: saved({"a": torch.empty(10**12, device="meta")}),
    "a sparse tensor": lambda: saved({"a": torch.eye(3).to_sparse()}),
    "a parameter": lambda: saved({"a": nn.Parameter(torch.zeros(1))}),
    "a list": lambda: saved([1, 2]),
    "an ordered dictionary": lambda: saved(OrderedDict(format=1)),
    "a set": lambda: saved({"a": {1, 2}}),
} | {f"code {number}": lambda part=part: saved({"a": part}) for number, part in enumerate(CODE)}


@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_checkpoint_is_refused_without_running_or_filling_anything(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CANARY, str(tmp_path / "canary"))
    monkeypatch.chdir(tmp_path)
    content = HOSTILE[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UntrustedError):
        load_plain(content)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40_000  # KiB
    assert not (tmp_path / "canary").exists()
    run = small_run()
    weights = digest(run)
    with pytest.raises(SnapshotDamagedError):
        snapshot.restore(run, content)
    assert digest(run) == weights


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("compressed", "it is compressed"),
        ("a giant of strides 0", "declares a tensor larger than the whole file"),
        ("a list", "holds a list, not a dictionary"),
        ("code 0", "nothing of it was executed"),
    ],
)
def test_the_reason_is_told(name: str, words: str) -> None:
    with pytest.raises(UntrustedError, match=words):
        load_plain(HOSTILE[name]())


@pytest.mark.parametrize("make", [self_reference, lambda: doubled(60)])
def test_values_that_refer_to_each_other_are_each_looked_at_once(make: Callable[[], Any]) -> None:
    assert set(load_plain(saved({"a": make()}))) == {"a"}


def test_a_random_state_that_is_none_is_refused() -> None:
    run = small_run()
    content = torch.load(io.BytesIO(snapshot.capture(run)), weights_only=True)
    content["rng"]["cpu"] = torch.zeros(10, dtype=torch.uint8)
    with pytest.raises(SnapshotError):
        snapshot.restore(run, saved(content))


def test_optimizer_steps_that_are_no_number_are_refused() -> None:
    run = small_run()
    run.train_step()
    content = torch.load(io.BytesIO(snapshot.capture(run)), weights_only=True)
    content["optimizer"]["dense1.bias"]["step"] = torch.zeros(1000, 1000)
    with pytest.raises(SnapshotError, match="optimiser steps"):
        snapshot.restore(small_run(), saved(content))


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("model", ["cnn", "bn-cnn", "lenet"])
def test_no_snapshot_of_ours_is_larger_than_the_limit_nor_much_smaller(
    model: str, optimizer: str
) -> None:
    given: dict[str, Any] = {"model": model, "optimizer": optimizer}
    if optimizer in ("sgd", "rmsprop"):
        given["momentum"] = "0.9"
    run = small_run(**given)
    run.train_step()
    assert len(snapshot.capture(run)) < snapshot.max_bytes(run)
    assert snapshot.max_bytes(run) < 5 * run.num_parameters * 4 + 2_000_000


def test_a_file_larger_than_any_snapshot_is_not_even_read(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "checkpoints")
    folder.save(
        b"x" * 3_000_000,
        position=Position(step=1),
        epoch=1.0,
        reason="pause",
        is_best=False,
        generation=1,
        fingerprint={},
    )
    folder.max_bytes = snapshot.max_bytes(small_run())
    taken: list[bytes] = []
    with pytest.raises(CheckpointDamagedError, match="step 0"):
        folder.newest_valid(taken.append)
    assert taken == []


def test_one_that_is_refused_is_moved_aside_and_the_one_before_is_used(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "checkpoints")
    run = small_run()
    for step, content in enumerate((snapshot.capture(run), saved({"a": CODE[0]}))):
        folder.save(
            content,
            position=Position(step=step),
            epoch=1.0,
            reason="pause",
            is_best=False,
            generation=1,
            fingerprint={},
        )

    def take(content: bytes) -> None:
        try:
            snapshot.restore(run, content)
        except SnapshotDamagedError as error:
            raise CheckpointDamagedError(str(error)) from error

    loaded = folder.newest_valid(take)
    assert loaded is not None
    assert loaded.info.position.step == 0
    assert "nothing of it was executed" in loaded.notices[0]
    assert len(list((tmp_path / "checkpoints" / "damaged").iterdir())) == 2
