"""Homes with thousands of stored sessions, as sweeps leave them, made through the storage layer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.folders import make_session_folder, write_session_copy
from mnist_tui.storage.records import Position, Progress, SessionRecord, SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home

OUTCOMES: tuple[tuple[SessionState, str | None], ...] = (
    *[(SessionState.FINISHED, None)] * 7,
    (SessionState.STOPPED, None),
    (SessionState.KILLED, None),
    (SessionState.FAILED, "loss became NaN at batch 44 of epoch 3; checkpoint 940 is safe"),
)
MODELS = ("cnn", "lenet", "cnn", "cnn")
LEARNING_RATES = ("0.1", "0.01", "0.003", "0.001", "0.0003")
NUM_SEEDS = 20
NUM_TRAIN, NUM_VALIDATION, NUM_TEST = 1_350, 150, 297
"""Of digits; accuracies are shares of these."""
FINGERPRINT = {
    "device": "cpu",
    "device_name": "a processor",
    "machine": "x86_64",
    "threads": 1,
    "torch": "2.14.1",
    "numpy": "2.4.6",
    "cpu_capability": "AVX512",
    "onednn_isa": "any",
    "data": "6cfac1ef",
}


def fill(home: Home, count: int) -> None:
    """Store `count` ended sessions as a supervisor does, folders and copies included."""
    home.prepare()
    random = Random(count)
    registry = Registry.open(home)
    for _ in range(count):
        record = _record(registry.new_id(), random, data_dir=str(home.path / "data"))
        make_session_folder(home, record.id)
        registry.put(record)
        write_session_copy(home, record)
    registry.close()


def _record(session_id: int, random: Random, data_dir: str) -> SessionRecord:
    state, cause = random.choice(OUTCOMES)
    parameters = _parameters(session_id, random)
    return SessionRecord(
        id=session_id,
        name=f"{parameters['model']}-{parameters['learning_rate']:g}-{session_id}",
        parameters=parameters,
        created_at=_time(session_id, 0),
        state=state,
        cause=cause,
        tags=("sweep", f"week-{session_id // 500}"),
        data_dir=data_dir,
        generation=1,
        progress=_progress(random, 22 * parameters["epochs"]),
        device="cpu",
        num_parameters=225_034,
        fingerprint=dict(FINGERPRINT),
        queued_at=_time(session_id, 0),
        started_at=_time(session_id, 2),
        ended_at=_time(session_id, 3),
        boot_id="96cdd8e0-3547-4c62-abd6-89c0ab8bda8c",
    )


def _parameters(session_id: int, random: Random) -> dict[str, Any]:
    given = {
        "model": random.choice(MODELS),
        "learning_rate": random.choice(LEARNING_RATES),
        "batch_size": random.choice(("32", "64", "128")),
        "epochs": random.choice(("5", "10", "20")),
        "seed": session_id % NUM_SEEDS,
    }
    return to_plain(resolve(given, sizes=even_sizes({"digits": 1_500}), default_threads=1))


def _progress(random: Random, num_steps: int) -> Progress:
    accuracy = random.uniform(0.9, 0.995)
    best = round(accuracy * NUM_VALIDATION) / NUM_VALIDATION
    return Progress(
        position=Position(step=num_steps, validated_epochs=num_steps // 22, is_tested=True),
        steps_per_epoch=22,
        train_loss=random.uniform(0.01, 0.3),
        train_accuracy=round(accuracy * NUM_TRAIN) / NUM_TRAIN,
        val_loss=random.uniform(0.03, 0.4),
        val_accuracy=best - random.randrange(4) / NUM_VALIDATION,
        test_loss=random.uniform(0.03, 0.4),
        test_accuracy=round((accuracy - 0.01 * random.random()) * NUM_TEST) / NUM_TEST,
        best_val_accuracy=best,
        best_epoch=random.randrange(1, 6),
        images_per_s=random.uniform(3_000, 12_000),
        eta_s=0.0,
    )


def _time(session_id: int, second: int) -> str:
    minute, hour = session_id % 60, session_id // 60 % 24
    day = session_id // 1_440 % 28 + 1
    return f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{session_id % 1000:03d}Z"
