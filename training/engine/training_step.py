"""One training step, from the indices of its batch to the step of the optimiser.

Each part of the step is a method, which a profile or a trace wraps from outside; the step itself
calls neither.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from mnist_tui.training.data.dataset import normalize
from mnist_tui.training.engine.cuda_graph import Batch, StepGraph
from mnist_tui.training.engine.forward_pass import (
    autocast,
    choose_precision,
    compile_forward,
    logits_and_loss,
)
from mnist_tui.training.engine.non_finite_check import NonFiniteCheck
from mnist_tui.training.engine.optimizers import build_optimizer, prepare_step, trained_weights
from mnist_tui.training.engine.sampling import augment, draw_offsets, epoch_order
from mnist_tui.training.engine.schedules import learning_rate_at
from mnist_tui.training.engine.scores import ScoreSums
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.sessions.step_parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor, nn

    from mnist_tui.training.data.dataset import Data, Split
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

PARTS: dict[str, Part] = {}
"""The part of a step that each method does, by the name of the method of `TrainingStep`."""

Method = TypeVar("Method", bound="Callable[..., Any]")


def does(part: Part) -> Callable[[Method], Method]:
    """Return a decorator that registers a method of `TrainingStep` in `PARTS`."""

    def register(method: Method) -> Method:
        PARTS[method.__name__] = part
        return method

    return register


class TrainingStep:
    """The steps of one training: they change weights, optimiser and scores, and nothing else."""

    def __init__(
        self, parameters: Hyperparameters, data: Data, model: nn.Module, device: torch.device
    ) -> None:
        self.steps_per_epoch = -(-len(data.train) // parameters.batch_size)
        """The last batch may be smaller."""
        self.num_steps = parameters.epochs * self.steps_per_epoch
        """Steps planned in all."""
        self.precision = choose_precision(parameters.precision, device)
        """fp32 or bf16."""
        self.optimizer = build_optimizer(parameters, model)
        self.non_finite_check = NonFiniteCheck(
            self.optimizer, device, is_deferred=device.type == "cuda"
        )
        self.window = ScoreSums(device, data.num_classes)
        """The scores since the last metric row of the training split."""
        self._parameters = parameters
        self._images = data.train
        self._model = model
        self._device = device
        self._weights = [weight for _, weight in trained_weights(model)]
        self._logits_and_loss = (
            compile_forward(model) if parameters.compile else partial(logits_and_loss, model)
        )
        self._order: tuple[int, Tensor] | None = None
        self._is_own = is_own_model(parameters.model)
        self._num_observers = 0
        self.graph: StepGraph | None = None
        # A network of the user's may decide in Python what to compute, which a graph would fix.
        self.is_recorded = device.type == "cuda" and not parameters.compile and not self._is_own
        """True if steps are replayed as a CUDA graph."""

    def run(self, step: int) -> None:
        """Train on the batch of optimiser step number `step`, counted from 0.

        Raises:
            NotFiniteError: The loss or a gradient is not finite; the weights are as they were.
        """
        prepare_step(self.optimizer, step, self.learning_rate_at(step))
        indices = self._select(step)
        batch = Batch(indices, self._draw_offsets(step, len(indices)), step)
        if (graph := self._graph_for(batch)) is not None:
            graph.replay(batch)
        else:
            for weight in self._weights:
                weight.grad = None
            self._compute_gradients(batch)
        self.window.num_images += len(indices)
        self._optimize()

    def _compute_gradients(self, batch: Batch) -> None:
        """Do the part of a step that a CUDA graph replays: gradients, checks and scores."""
        examples = self._take(batch.indices)
        images = self._normalize(self._augment(examples.images, batch.offsets))
        logits, loss = self._forward(images, examples.labels)
        self._backward(loss)
        self._check(loss, batch.step)
        self._score(logits, examples.labels)

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of optimiser step number `step`, counted from 0."""
        return learning_rate_at(self._parameters, step, self.num_steps)

    @contextmanager
    def observed(
        self, wrap: Callable[[Part, Callable[..., Any]], Callable[..., Any]]
    ) -> Iterator[None]:
        """Replace each part of a step by `wrap(part, method)` within the context.

        A CUDA graph has no parts, so it is dropped, and with it as much memory as a step takes.
        """
        self.graph = None
        outer = {name: method for name, method in vars(self).items() if name in PARTS}
        self._num_observers += 1
        for name, part in PARTS.items():
            setattr(self, name, wrap(part, getattr(self, name)))
        try:
            yield
        finally:
            self._num_observers -= 1
            for name in PARTS:
                delattr(self, name)  # the method of the class is there again
            vars(self).update(outer)

    @does(Part.INDEX)
    def _select(self, step: int) -> Tensor:
        epoch, step_in_epoch = divmod(step, self.steps_per_epoch)
        if self._order is None or self._order[0] != epoch:
            order = epoch_order(self._parameters.seed, epoch, len(self._images))
            self._order = (epoch, torch.from_numpy(order).to(self._device))
        size = self._parameters.batch_size
        return self._order[1][step_in_epoch * size : (step_in_epoch + 1) * size]

    @does(Part.AUGMENT)
    def _draw_offsets(self, step: int, num_images: int) -> Tensor | None:
        return draw_offsets(self._parameters, step, num_images)

    @does(Part.INDEX)
    def _take(self, indices: Tensor) -> Split:
        return self._images.take(indices)

    @does(Part.AUGMENT)
    def _augment(self, images: Tensor, offsets: Tensor | None) -> Tensor:
        return augment(images, offsets)

    @does(Part.NORMALIZE)
    def _normalize(self, images: Tensor) -> Tensor:
        return normalize(images, self._parameters.normalization)

    @does(Part.FORWARD)
    def _forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with autocast(self.precision, self._device):
            return self._logits_and_loss(images, labels)

    @does(Part.BACKWARD)
    def _backward(self, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]

    @does(Part.CHECKS)
    def _check(self, loss: Tensor, step: int | Tensor) -> None:
        self.non_finite_check.check(loss, step)

    @does(Part.SCORES)
    def _score(self, logits: Tensor, labels: Tensor) -> None:
        # A user's network may return a view of a weight, which changes.
        kept = logits.detach().clone() if self._is_own else logits.detach()
        self.window.add_unnumbered(kept, labels)

    @does(Part.OPTIMIZER)
    def _optimize(self) -> None:
        self.optimizer.step()

    def _graph_for(self, batch: Batch) -> StepGraph | None:
        """Return the CUDA graph of full batches, recorded at the first; None for other steps."""
        if not self.is_recorded or self._num_observers:
            return None
        if len(batch.indices) < self._parameters.batch_size:
            return None
        if self.graph is None:
            state = [*self._model.buffers(), self.window.sums, *self.non_finite_check.state]
            try:
                self.graph = StepGraph(self._compute_gradients, batch, self._weights, state)
            except RuntimeError as error:
                self.is_recorded = False
                warnings.warn(f"steps are not replayed as a CUDA graph: {error}", stacklevel=2)
        return self.graph
