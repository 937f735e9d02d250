from __future__ import annotations

import pytest

from mnist_tui.training.sessions.throughput import Throughput, ThroughputMeter


def worked(batches: int, images: int = 10, duration_s: float = 0.01) -> ThroughputMeter:
    meter = ThroughputMeter()
    for _ in range(batches):
        meter.add(images, duration_s)
    return meter


def test_nothing_is_said_before_twenty_batches_or_two_seconds() -> None:
    assert worked(20).images_per_s is None
    assert worked(21).images_per_s == pytest.approx(1000)
    assert worked(3, images=100, duration_s=0.9).images_per_s is None
    assert worked(4, images=90, duration_s=0.9).images_per_s == pytest.approx(100)


def test_the_first_batch_which_warms_up_does_not_count() -> None:
    meter = ThroughputMeter()
    meter.add(10, 30.0)
    assert meter.images_per_s is None
    for _ in range(30):
        meter.add(10, 0.01)
    assert meter.images_per_s == pytest.approx(1000)


def test_the_rate_follows_the_last_few_seconds() -> None:
    meter = worked(1000)
    for _ in range(600):
        meter.add(10, 0.1)
    assert meter.images_per_s == pytest.approx(100)


def test_batches_longer_than_the_window_still_have_a_rate() -> None:
    assert worked(3, images=640, duration_s=64.0).images_per_s == pytest.approx(10)


def test_memory_stays_small_however_fast_the_batches_come() -> None:
    meter = worked(200_000, images=1, duration_s=1e-5)
    assert len(meter._buckets) < 100


def test_eta_counts_training_and_evaluation_at_their_own_speeds() -> None:
    pace = Throughput(training=worked(50), evaluation=worked(50, images=40))
    assert pace.eta_s(5000, 8000) == pytest.approx(5 + 2)


def test_eta_takes_evaluation_for_three_times_as_fast_until_it_was_timed() -> None:
    assert Throughput(training=worked(50)).eta_s(5000, 6000) == pytest.approx(5 + 2)


def test_eta_is_unknown_while_the_speed_is() -> None:
    assert Throughput().eta_s(5000, 6000) is None
    assert Throughput(evaluation=worked(50)).eta_s(5000, 6000) is None


def test_eta_of_the_test_alone_after_a_resume() -> None:
    assert Throughput(evaluation=worked(50)).eta_s(0, 2000) == pytest.approx(2)
    assert Throughput().eta_s(0, 2000) is None
