from __future__ import annotations

import platform

import pytest
import torch

from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.forward_pass import (
    autocast,
    choose_precision,
    has_fast_bf16,
    logits_and_loss,
)
from mnist_tui.training.engine.initialization import initialize
from mnist_tui.training.engine.loop import train
from mnist_tui.training.models import build_model
from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.sizes import even_sizes
from tests.training.worlds import (
    CPU,
    CountedLease,
    KeepingSink,
    ScriptedControl,
    digest,
    small_run,
)

SIZES = even_sizes({"digits": 1_500})


def logits_of(model: str, precision: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits and loss of one small batch, in training mode and with equal weights."""
    parameters = resolve({"model": model}, sizes=SIZES, default_threads=1)
    network = build_model(parameters)
    initialize(network, "keras", 1)
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(4)
    torch.manual_seed(2)
    with autocast(precision, CPU):
        return logits_and_loss(network, images, labels)


def test_what_is_asked_for_is_taken() -> None:
    assert choose_precision("fp32", CPU) == "fp32"
    assert choose_precision("bf16", CPU) == "bf16"


def test_auto_takes_bf16_where_the_processor_has_instructions_for_it() -> None:
    flags: set[str] = set()
    if platform.machine() == "x86_64":
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 — not a folder of ours
            flags = set(next(line for line in file if line.startswith("flags")).split())
    assert has_fast_bf16(CPU) == bool(flags & {"amx_bf16", "amx_tile", "avx512_bf16"})
    assert choose_precision("auto", CPU) == ("bf16" if has_fast_bf16(CPU) else "fp32")


@pytest.mark.parametrize(
    "model", [name for name in MODELS if name not in ("resnet50", "densenet121")]
)
def test_every_network_answers_in_fp32_about_what_it_answers_without(model: str) -> None:
    expected, expected_loss = logits_of(model, "fp32")
    logits, loss = logits_of(model, "bf16")
    assert logits.dtype is loss.dtype is torch.float32
    assert not torch.equal(logits, expected)
    scale = expected.abs().max().item() + 1
    assert torch.allclose(logits, expected, atol=0.1 * scale)
    assert loss.item() == pytest.approx(expected_loss.item(), rel=0.1)


def test_weights_and_gradients_stay_fp32_and_evaluations_do_not_depend_on_it() -> None:
    run, plain = small_run(precision="bf16"), small_run()
    before = run.begin_scoring(run.phase)
    plain_before = plain.begin_scoring(plain.phase)
    before.add_chunk(run.model, "unit")
    plain_before.add_chunk(plain.model, "unit")
    assert torch.equal(before.sums.sums, plain_before.sums.sums)
    run.train_step()
    for weight in run.model.parameters():
        assert weight.dtype is torch.float32
        assert weight.grad is not None
        assert weight.grad.dtype is torch.float32


def test_a_training_in_bf16_goes_on_bit_for_bit() -> None:
    sink = KeepingSink()
    train(whole := small_run(precision="bf16"), ScriptedControl(), sink, CountedLease())
    first = KeepingSink()
    control = ScriptedControl({3: Trigger.STOP})
    train(small_run(precision="bf16"), control, first, CountedLease())
    rest = small_run(precision="bf16")
    state_dict.restore(rest, first.saved[-1].content)
    train(rest, ScriptedControl(), KeepingSink(), CountedLease())
    assert digest(rest) == digest(whole)
    plain = small_run()
    train(plain, ScriptedControl(), KeepingSink(), CountedLease())
    assert digest(plain) != digest(whole)
