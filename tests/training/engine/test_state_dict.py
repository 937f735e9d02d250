from __future__ import annotations

import io
from typing import Any

import pytest
import torch

from mnist_tui.storage.records import Position
from mnist_tui.training.engine import state_dict as snapshot
from mnist_tui.training.engine.scores import Scores
from mnist_tui.training.engine.state_dict import SnapshotError
from mnist_tui.training.engine.training_state import Best, TrainingState
from tests.training.worlds import digest, small_run


def trained(**given: Any) -> TrainingState:
    run = small_run(**given)
    run.restore_rng()
    for _ in range(4):
        run.train_step()
    return run


def altered(content: bytes, **changes: Any) -> bytes:
    loaded = torch.load(io.BytesIO(content), weights_only=True)
    buffer = io.BytesIO()
    torch.save(loaded | changes, buffer)
    return buffer.getvalue()


def test_everything_comes_back() -> None:
    run = trained()
    run.evaluate_chunk()
    run.evaluate_chunk()
    run.train_step()
    run.best = Best(0.5, 1)
    again = small_run()
    content = snapshot.capture(run)
    drawn_next = torch.rand(3)
    snapshot.restore(again, content)
    assert digest(again) == digest(run)
    assert again.position == again.restored_position == Position(step=5, validated_epochs=1)
    assert again.best == Best(0.5, 1)
    assert again.newest == run.newest
    assert isinstance(again.newest["val"], Scores)
    assert again.window.num_images == run.window.num_images == 16
    assert torch.equal(again.window.sums, run.window.sums)
    again.restore_rng()
    assert torch.equal(torch.rand(3), drawn_next)


def test_the_same_state_gives_the_same_bytes() -> None:
    run = trained()
    assert snapshot.capture(run) == snapshot.capture(run)


def test_a_snapshot_holds_only_plain_tensors_and_scalars() -> None:
    loaded = torch.load(io.BytesIO(snapshot.capture(trained())), weights_only=True)
    assert set(loaded) >= {"format", "model", "optimizer", "rng", "position", "window", "best"}

    def check(value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str)
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)
        else:
            assert value is None or type(value) in (torch.Tensor, int, float, bool, str)

    check(loaded)


def test_an_unknown_format_is_refused_with_a_sentence() -> None:
    content = altered(snapshot.capture(trained()), format=2)
    with pytest.raises(SnapshotError, match=r"has format 2, and this version .* reads 1"):
        snapshot.restore(small_run(), content)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 not a zip file"])
def test_what_is_no_snapshot_is_refused(content: bytes) -> None:
    with pytest.raises(SnapshotError, match="not a checkpoint"):
        snapshot.restore(small_run(), content)


def test_a_truncated_snapshot_is_refused() -> None:
    content = snapshot.capture(trained())
    with pytest.raises(SnapshotError, match="not a checkpoint"):
        snapshot.restore(small_run(), content[: len(content) // 2])


def test_a_pickle_that_would_run_code_is_refused() -> None:
    class Code:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("run",)

    buffer = io.BytesIO()
    torch.save({"format": 1, "model": Code()}, buffer)
    with pytest.raises(SnapshotError, match="not a checkpoint"):
        snapshot.restore(small_run(), buffer.getvalue())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"filters": "2-4"}, "weights conv2.weight are 3×2×3×3 float32, not 4×2×3×3 float32"),
        ({"model": "lenet"}, "weights"),
    ],
)
def test_a_snapshot_of_another_network_is_refused(given: dict[str, Any], words: str) -> None:
    run = small_run(**given)
    before = digest(run)
    with pytest.raises(SnapshotError, match=words):
        snapshot.restore(run, snapshot.capture(trained()))
    assert digest(run) == before


def test_weights_of_another_type_are_refused() -> None:
    content = snapshot.capture(trained())
    model = torch.load(io.BytesIO(content), weights_only=True)["model"]
    model["dense1.bias"] = model["dense1.bias"].double()
    with pytest.raises(SnapshotError, match=r"dense1\.bias are 8 float64, not 8 float32"):
        snapshot.restore(small_run(), altered(content, model=model))


def test_optimizer_state_of_another_shape_is_refused() -> None:
    content = snapshot.capture(trained())
    state = torch.load(io.BytesIO(content), weights_only=True)["optimizer"]
    state["dense1.bias"]["exp_avg"] = torch.zeros(9)
    run = small_run()
    before = digest(run)
    with pytest.raises(SnapshotError, match=r"optimiser state dense1\.bias"):
        snapshot.restore(run, altered(content, optimizer=state))
    assert digest(run) == before


@pytest.mark.parametrize("missing", ["model", "position", "window", "rng", "best", "newest"])
def test_a_snapshot_without_a_part_is_refused(missing: str) -> None:
    content = snapshot.capture(trained())
    loaded = torch.load(io.BytesIO(content), weights_only=True)
    del loaded[missing]
    buffer = io.BytesIO()
    torch.save(loaded, buffer)
    with pytest.raises(SnapshotError, match="lacks what a training needs"):
        snapshot.restore(small_run(), buffer.getvalue())
