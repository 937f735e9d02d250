"""A small profile, as a worker would have stored it."""

from __future__ import annotations

from mnist_tui.storage.results.profiles import OperatorCost, PartCost, Profile


def small_profile() -> Profile:
    """Two batches of 10 ms each in three parts, and two operators."""
    return Profile(
        step=1234,
        num_batches=2,
        batch_size=64,
        device="cpu",
        threads=2,
        batch_s=0.010,
        usual_batch_s=0.008,
        cpu_s=0.015,
        peak_memory_bytes=123_000_000,
        parts=(
            PartCost(part="forward", wall_s=0.003, device_s=0.0, memory_bytes=2_000_000),
            PartCost(part="backward", wall_s=0.006, device_s=0.0, memory_bytes=-2_000_000),
            PartCost(part="between", wall_s=0.001, device_s=0.0, memory_bytes=0),
        ),
        operators=(
            OperatorCost(name="aten::mm", calls=2.5, cpu_s=0.004, device_s=0.0, memory_bytes=1_500),
            OperatorCost(name="aten::add", calls=3.0, cpu_s=0.001, device_s=0.0, memory_bytes=0),
        ),
        num_operators=7,
        has_trace=True,
        created_at="2026-01-02T03:04:05.678Z",
        generation=1,
    )
