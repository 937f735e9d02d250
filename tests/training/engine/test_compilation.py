from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import torch

from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.forward_pass import CompileError
from mnist_tui.training.engine.loop import train
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    digest,
    small_run,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_generated_code_learns_the_same_and_goes_on_bit_for_bit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    given: dict[str, Any] = {"model": "bn-cnn", "dropout": 0.5}
    whole, plain, sink = small_run(**given, compile=True), small_run(**given), KeepingSink()
    train(whole, ScriptedControl(), KeepingSink(), CountedLease())
    train(plain, ScriptedControl(), KeepingSink(), CountedLease())
    assert digest(whole) != digest(plain), "generated code draws dropout of its own"
    train(
        small_run(**given, compile=True), ScriptedControl({3: Trigger.STOP}), sink, CountedLease()
    )
    rest = small_run(**given, compile=True)
    state_dict.restore(rest, sink.saved[-1].content)
    train(rest, ScriptedControl(), KeepingSink(), CountedLease())
    assert digest(rest) == digest(whole)


def test_without_a_compiler_it_says_so_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from torch._inductor import config

    monkeypatch.setattr(config.cpp, "cxx", ("/no/such/compiler",))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    torch._dynamo.reset()
    run = small_run(model="bn-cnn", compile=True)
    run.restore_rng()
    with pytest.raises(CompileError) as caught:
        run.train_step()
    assert str(caught.value).startswith("the network cannot be compiled: ")
    assert str(caught.value).endswith("train it with compile=false, or install a C++ compiler")
    assert "\n" not in str(caught.value)
