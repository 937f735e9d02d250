"""Machine code generated for a network, where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mnist_tui.training.engine.loss import logits_and_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn


class CompileError(ValueError):
    """No code could be generated; the text is a sentence for the session's row."""


def compiled(model: nn.Module) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return `training.engine.loss.logits_and_loss` of `model` as generated code.

    It is generated at the first batch of each size: with sizes left open, a training that goes on
    with another size than it began with might compute in another order.

    Raises:
        CompileError: When called, where it cannot be generated.
    """
    # Loaded only here: it costs a second, and most trainings do without.
    from torch._dynamo.exc import TorchDynamoException  # noqa: PLC0415 — see above
    from torch._inductor.exc import InductorError  # noqa: PLC0415 — see above

    def function(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return logits_and_loss(model, images, labels)

    generated = torch.compile(function, dynamic=False)

    def explained(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        try:
            return generated(images, labels)
        except (TorchDynamoException, InductorError) as error:
            detail = str(error).strip().partition("\n")[0][:200]
            raise CompileError(
                f"the network cannot be compiled: {detail}; train it with compile=false, or install"
                " a C++ compiler"
            ) from error

    return explained
