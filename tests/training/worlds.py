"""The engine's surroundings in one process: commands on schedule, everything it makes kept."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from mnist_tui.storage.records import CheckpointInfo
from mnist_tui.training.data.dataset import Data, Split
from mnist_tui.training.engine.interfaces import LeaseLostError, SupervisorLostError
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.worker_messages import WorkerCommand
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mnist_tui.storage.records import MetricRow, Position, Progress
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.profiles import Profile
    from mnist_tui.storage.worker_status import Activity
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

LOST = "lost"
CPU = torch.device("cpu")


class Saved(NamedTuple):
    content: bytes
    position: Position
    epoch: float
    reason: str
    is_best: bool
    name: str = ""


class ScriptedControl:
    """Gives the command of each turn; a pause is followed by the commands in `after_pause`."""

    def __init__(
        self,
        script: Mapping[int, Trigger | str] | None = None,
        after_pause: Sequence[Trigger | str] = (Trigger.RESUME,),
    ) -> None:
        self._script = dict(script or {})
        self._after_pause = list(after_pause)
        self._numbers = 0
        self.num_turns = 0
        self.num_profiled = 3

    def poll(self) -> WorkerCommand | None:
        action = self._script.get(self.num_turns)
        self.num_turns += 1
        return None if action is None else self._command(action)

    def wait(self) -> WorkerCommand:
        return self._command(self._after_pause.pop(0))

    def _command(self, action: Trigger | str) -> WorkerCommand:
        if action == LOST:
            raise SupervisorLostError
        self._numbers += 1
        name = f"kept {self._numbers}" if action is Trigger.SNAPSHOT else ""
        num_batches = self.num_profiled if action is Trigger.PROFILE else 0
        return WorkerCommand(
            number=self._numbers,
            action=Trigger(action),
            name=name,
            num_batches=num_batches,
            is_traced=action is Trigger.PROFILE,
        )


class KeepingSink:
    """Keeps everything, in order."""

    def __init__(self) -> None:
        self.metric_rows: list[MetricRow] = []
        self.told: list[Progress] = []
        self.saved: list[Saved] = []
        self.story: list[tuple[Any, ...]] = []
        """What happened, in order: (row, split), (checkpoint, reason), (seen|done, action)."""
        self.activities: list[tuple[str, int]] = []
        self.pauses: list[str] = []
        self.exit_message: str | None = None
        self.fingerprint: dict[str, Any] = {}
        self.lines: list[str] = []
        """Lines of the log."""
        self.sampled: list[FixedImageAnswers] = []
        self.evaluations: list[tuple[Evaluation, Predictions]] = []
        self.profiles: list[tuple[Profile, bytes | None]] = []

    def doing(self, activity: Activity, step: int) -> None:
        self.activities.append((activity.value, step))

    def rows(self, rows: Sequence[MetricRow]) -> None:
        self.metric_rows.extend(rows)
        self.story.extend(("row", row.split) for row in rows)

    def progress(self, progress: Progress) -> None:
        self.told.append(progress)

    def checkpoint(
        self,
        content: bytes,
        position: Position,
        *,
        epoch: float,
        reason: str,
        is_best: bool,
        name: str,
    ) -> CheckpointInfo:
        self.saved.append(Saved(content, position, epoch, reason, is_best, name))
        return CheckpointInfo(
            file=f"{position.step}.pt", num_bytes=len(content), sha256="", position=position,
            epoch=epoch, reason=reason, is_best=is_best, generation=1, fingerprint={},
            created_at="2026-01-01T00:00:00Z", name=name, format=1,
        )  # fmt: skip

    def announce(self, info: CheckpointInfo) -> None:
        self.story.append(("checkpoint", info.reason))

    def samples(self, samples: FixedImageAnswers) -> None:
        self.sampled.append(samples)

    def evaluation(self, evaluation: Evaluation, predictions: Predictions) -> None:
        self.evaluations.append((evaluation, predictions))
        self.story.append(("evaluation", evaluation.reason))

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        self.profiles.append((profile, trace))
        self.story.append(("profile", profile.step))

    def seen(self, command: WorkerCommand, step: int) -> None:
        self.story.append(("seen", command.action.value, step))

    def done(self, command: WorkerCommand, step: int) -> None:
        self.story.append(("done", command.action.value, step))

    def not_done(self, command: WorkerCommand, reason: str, step: int) -> None:
        self.story.append(("not done", command.action.value, reason))

    def paused(self, reason: str, step: int) -> None:
        self.pauses.append(reason)
        self.story.append(("paused", step))

    def restore(self, take: Callable[[bytes], None], max_bytes: int) -> tuple[str, ...] | None:
        if not self.saved:
            return None
        assert len(self.saved[-1].content) <= max_bytes
        take(self.saved[-1].content)
        return ()

    def ready(
        self, *, device: str, num_parameters: int, progress: Progress, notice: str | None
    ) -> None:
        self.story.append(("ready", device, progress.position.step))

    def log(self, text: str) -> None:
        self.lines.append(text)


class CountedLease:
    """A lease that is lost at its n-th check, if n is given."""

    def __init__(self, generation: int = 1, lost_at_check: int | None = None) -> None:
        self.generation = generation
        self._lost_at_check = lost_at_check
        self.num_checks = 0

    def check(self) -> None:
        self.num_checks += 1
        if self.num_checks == self._lost_at_check:
            raise LeaseLostError


def small_parameters(**given: object) -> Hyperparameters:
    """Parameters of a network small enough to train in a moment; 4 steps an epoch, 2 epochs."""
    values: dict[str, object] = {
        "model": "cnn",
        "filters": "2-3",
        "dense_units": 8,
        "batch_size": 16,
        "epochs": 2,
        "validation": 200,
        "log_every": 3,
        "checkpoint_every": 86_400,
        "device": "cpu",
        **given,
    }
    if values["model"] == "bn-cnn":
        values["filters"] = "2-3-4"
        del values["dense_units"]
    if values["model"] == "capsnet":
        del values["dense_units"]
    if values["model"] == "lenet":
        del values["filters"], values["dense_units"]
    return resolve(values, sizes=even_sizes({"digits": 250}), default_threads=1)


def small_data(num_train: int = 50, num_validation: int = 200, num_test: int = 190) -> Data:
    """Noise with a bright row that tells the class: learnable, and the same each time."""
    splits = []
    for seed, count in enumerate((num_train, num_validation, num_test)):
        random = np.random.Generator(np.random.Philox(key=seed))
        labels = random.integers(0, 10, count)
        images = random.integers(0, 128, (count, 28, 28), dtype=np.uint8)
        images[np.arange(count), 2 * labels + 4] = 255
        splits.append(Split(torch.from_numpy(images), torch.from_numpy(labels)))
    num_before = num_train + num_validation
    return Data(
        train=splits[0],
        validation=splits[1],
        test=splits[2],
        test_indices=np.arange(num_before, num_before + num_test),
        num_classes=10,
    )


def data_on(device: torch.device) -> Data:
    """`small_data` on a device."""
    data = small_data()
    return replace(
        data,
        train=data.train.to(device),
        validation=data.validation.to(device),
        test=data.test.to(device),
    )


def small_run(data: Data | None = None, **given: object) -> TrainingState:
    """A new training of `small_parameters` on `small_data`, in one thread."""
    torch.set_num_threads(1)
    return TrainingState(small_parameters(**given), data or small_data(), CPU, generation=1)


def digest(run: TrainingState) -> str:
    """A hash of weights and optimiser state."""
    bytes_of = hashlib.sha256()
    for name, weight in run.model.named_parameters():
        bytes_of.update(name.encode())
        bytes_of.update(weight.detach().contiguous().cpu().numpy().tobytes())
        for key, value in sorted(run.optimizer.state[weight].items()):
            bytes_of.update(key.encode())
            if isinstance(value, torch.Tensor):
                bytes_of.update(value.contiguous().cpu().numpy().tobytes())
    return bytes_of.hexdigest()


def comparable(rows: Sequence[MetricRow]) -> list[tuple[Any, ...]]:
    """Metric rows without time and generation, the newest per step and split."""
    newest = {(row.step, row.split): row for row in rows}
    return [
        (row.step, row.epoch, row.split, row.loss, row.accuracy, row.mse, row.learning_rate)
        for row in newest.values()
    ]
