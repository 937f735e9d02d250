"""The state of one training and its units of work: a training step, a chunk of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.records import MetricRow, Position, Progress, utc_now
from mnist_tui.training.engine import device as devices
from mnist_tui.training.engine.initialization import initialize
from mnist_tui.training.engine.memory import PeakMemory
from mnist_tui.training.engine.scores import Scores, ScoreSums, Scoring
from mnist_tui.training.engine.training_step import TrainingStep
from mnist_tui.training.models import build_model

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from mnist_tui.training.data.dataset import Data
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters
    from mnist_tui.training.sessions.throughput import Throughput


class Phase(Enum):
    """Phase of a training, which decides its next unit of work."""

    TRAIN = "train"
    VALIDATE = "val"
    TEST = "test"
    DONE = "done"


def next_phase(
    position: Position, *, steps_per_epoch: int, epochs: int, has_validation: bool
) -> Phase:
    """Return the phase after `position`: each epoch is validated, the test is at the end."""
    epochs_done = position.step // steps_per_epoch
    if has_validation and position.validated_epochs < epochs_done:
        return Phase.VALIDATE
    if epochs_done < epochs:
        return Phase.TRAIN
    return Phase.DONE if position.is_tested else Phase.TEST


@dataclass(frozen=True)
class Best:
    """The highest validation accuracy so far, and the first epoch that reached it."""

    accuracy: float
    epoch: int
    """1-based."""


class TrainingState:
    """One training: parameters, data, network, optimiser and position."""

    def __init__(
        self,
        parameters: Hyperparameters,
        data: Data,
        device: torch.device,
        *,
        generation: int = 0,
        memory: PeakMemory | None = None,
    ) -> None:
        self.parameters = parameters
        self.data = data
        self.device = device
        self.generation = generation
        self.memory = memory or PeakMemory()
        """Peak memory of this process."""
        self.num_classes = data.num_classes
        self.model = build_model(parameters, self.num_classes)
        initialize(self.model, parameters.initialization, parameters.seed)
        layout = devices.memory_format(device)
        self.model.to(device, memory_format=layout)  # type: ignore[call-overload]
        self.training_step = TrainingStep(parameters, data, self.model, device)
        self.precision = self.training_step.precision
        self.optimizer = self.training_step.optimizer
        self.window = self.training_step.window
        self.steps_per_epoch = self.training_step.steps_per_epoch
        self.num_steps = self.training_step.num_steps
        self.position = Position()
        self.restored_position: Position | None = None
        """Position of the checkpoint that this training resumed from."""
        self.rng: dict[str, Tensor] | None = None
        """The random state of that checkpoint."""
        self.newest: dict[str, Scores] = {}
        """The newest scores by the name of the split in metric rows."""
        self.best: Best | None = None
        self.test_probabilities: NDArray[np.float32] | None = None
        """Probabilities of the test set, (N, C), once it is scored."""
        self._scoring: Scoring | None = None

    @property
    def num_parameters(self) -> int:
        """Number of weights, trained or not."""
        return sum(weight.numel() for weight in self.model.parameters())

    @property
    def epoch(self) -> float:
        """Completed epochs, fractional."""
        return self.position.step / self.steps_per_epoch

    @property
    def phase(self) -> Phase:
        """Phase of the next unit of work."""
        return next_phase(
            self.position,
            steps_per_epoch=self.steps_per_epoch,
            epochs=self.parameters.epochs,
            has_validation=len(self.data.validation) > 0,
        )

    @property
    def is_best(self) -> bool:
        """True if the current weights are those of the best validation so far."""
        return self.best is not None and self.position.step == (
            self.best.epoch * self.steps_per_epoch
        )

    def restore_rng(self) -> None:
        """Set the random state of this process from the checkpoint, or from the seed."""
        devices.seed_rng(self.parameters.seed)
        if self.rng is not None:
            devices.set_rng_state(self.device, self.rng)

    def train_step(self) -> list[MetricRow]:
        """Train on the next batch and return the metric row that it completes, if any.

        Raises:
            NotFiniteError: The loss or a gradient is not finite; the weights are as they were.
        """
        step = self.position.step
        self.training_step.run(step)
        self.position = msgspec.structs.replace(self.position, step=step + 1)
        return [self._close_window()] if self._is_window_full() else []

    def evaluate_chunk(self) -> list[MetricRow]:
        """Score the next chunk and return the metric row of a completed evaluation."""
        phase = self.phase
        if self._scoring is None:
            self._scoring = self.begin_scoring(phase)
        under_way = self._scoring
        under_way.add_chunk(self.model, self.parameters.normalization)
        if not under_way.is_complete:
            return []
        self._scoring = None
        if phase is Phase.TEST:
            self.test_probabilities = under_way.probabilities()
        return [self._close_evaluation(phase, under_way.sums.means())]

    def begin_scoring(self, phase: Phase) -> Scoring:
        """Return the evaluation of validation or test set, with nothing scored yet."""
        is_test = phase is Phase.TEST
        return Scoring(
            self.data.test if is_test else self.data.validation,
            ScoreSums(self.device, self.num_classes),
            keeps_probabilities=is_test,
        )

    def progress(self, pace: Throughput) -> Progress:
        """Return the figures of the session's row."""
        unknown = Scores(None, None, None)
        train = self.newest.get("train", unknown)
        validation = self.newest.get("val", unknown)
        test = self.newest.get("test", unknown)
        return Progress(
            position=self.position,
            steps_per_epoch=self.steps_per_epoch,
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            val_loss=validation.loss,
            val_accuracy=validation.accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            best_val_accuracy=self.best.accuracy if self.best else None,
            best_epoch=self.best.epoch if self.best else None,
            images_per_s=pace.training.images_per_s,
            eta_s=pace.eta_s(*self._images_left()),
            peak_memory_bytes=self.memory.num_bytes(self.device),
        )

    def _is_window_full(self) -> bool:
        # 0 at the end of an epoch, which always closes the window.
        step_in_epoch = self.position.step % self.steps_per_epoch
        return step_in_epoch % self.parameters.log_every == 0

    def _close_window(self) -> MetricRow:
        self.training_step.non_finite_check.look()
        scores = self.window.means()
        self.window.clear()
        return self._row("train", scores)

    def _close_evaluation(self, phase: Phase, scores: Scores) -> MetricRow:
        if phase is Phase.TEST:
            self.position = msgspec.structs.replace(self.position, is_tested=True)
            return self._row("test", scores)
        epoch = self.position.validated_epochs + 1
        self.position = msgspec.structs.replace(self.position, validated_epochs=epoch)
        if scores.accuracy is not None and (
            self.best is None or scores.accuracy > self.best.accuracy
        ):
            self.best = Best(scores.accuracy, epoch)
        return self._row("val", scores)

    def _row(self, split: str, scores: Scores) -> MetricRow:
        self.newest[split] = scores
        return MetricRow(
            step=self.position.step,
            epoch=self.epoch,
            split=split,
            loss=scores.loss,
            accuracy=scores.accuracy,
            mse=scores.mse,
            learning_rate=self.training_step.learning_rate_at(self.position.step - 1),
            time=utc_now(),
            generation=self.generation,
        )

    def _images_left(self) -> tuple[int, int]:
        """Return the images still to train on and still to evaluate."""
        epochs_done, steps = divmod(self.position.step, self.steps_per_epoch)
        trained = epochs_done * len(self.data.train) + steps * self.parameters.batch_size
        to_train = self.parameters.epochs * len(self.data.train) - trained
        validations = self.parameters.epochs - self.position.validated_epochs
        to_evaluate = validations * len(self.data.validation)
        if not self.position.is_tested:
            to_evaluate += len(self.data.test)
        under_way = self._scoring.num_done if self._scoring else 0
        return to_train, to_evaluate - under_way
