from __future__ import annotations

import math

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.text import formatting
from tests.tui.samples import make_record


def test_every_state_has_a_glyph_a_word_and_a_tone() -> None:
    looks = [formatting.STATE_LOOKS[state] for state in SessionState]
    assert all(look.tone in formatting.TONES for look in looks)
    assert len({look.word for look in looks}) == len(SessionState)


def test_a_held_session_says_held() -> None:
    record = make_record(1, SessionState.QUEUED, is_held=True)
    assert formatting.state_look(record).word == "held"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "–"), (float("inf"), "–"), (0, "0s"), (59.4, "59s"), (59.6, "1m00"), (130, "2m10"),
     (3_600, "1h00m"), (11_100, "3h05m"), (359_999, "99h59m"), (360_000, "4d04h"),
     (1_051_200, "12d04h"), (1e9, "11574d")],
)  # fmt: skip
def test_durations_take_at_most_six_characters(seconds: float | None, shown: str) -> None:
    assert formatting.duration(seconds) == shown
    assert len(shown) <= 6


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.0, "0.00"),
        (0.98714, "98.71"),
        (0.99999, "99.99"),
        (1.0, "100.0"),
        (math.nextafter(1.0, 0.0), "99.99"),
    ],
)
def test_only_a_perfect_accuracy_is_shown_as_100(fraction: float | None, shown: str) -> None:
    assert formatting.percent(fraction) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.04119, "0.0412"), (12.345, "12.35"), (2.4e12, "2.4e+12")],
)
def test_losses_take_at_most_seven_characters(value: float | None, shown: str) -> None:
    assert formatting.loss(value) == shown
    assert len(shown) <= 7


def test_the_bar_has_its_width_and_fills_from_the_left() -> None:
    bars = [formatting.bar(eighths / 80, 10) for eighths in range(81)]
    assert {len(bar) for bar in bars} == {10}
    assert len(set(bars)) == 81
    assert bars[0] == "·" * 10
    assert bars[-1] == "█" * 10
    assert formatting.bar(7.0, 4) == "████"


@pytest.mark.parametrize(
    ("step", "epochs", "shown"), [(0, 10, "0/10"), (34, 10, "3.4/10"), (100, 10, "10/10"),
                                  (99, 10, "9.9/10")]
)  # fmt: skip
def test_epochs_are_never_rounded_up_to_done(step: int, epochs: int, shown: str) -> None:
    assert formatting.epochs(make_record(1, step=step, epochs=epochs)) == shown


@pytest.mark.parametrize(
    ("step", "epochs", "shown"),
    [(34, 10, "3.4/10"), (874, 1_000, "87/1000"), (9_999, 1_000, "999/1000"),
     (219, 100_000, "21/100k"), (999_999, 100_000, "99k/100k"), (10_000, 1_000, "1k/1k"),
     (1_000_000, 100_000, "100k/100k")],
)  # fmt: skip
def test_epochs_are_less_exact_in_a_narrow_column_but_never_cut(
    step: int, epochs: int, shown: str
) -> None:
    assert formatting.epochs(make_record(1, step=step, epochs=epochs), 8) == shown


@pytest.mark.parametrize(("step", "shown"), [(0, "0/10"), (4, "4/10"), (10, "10/10"), (11, "1/10")])
def test_the_batch_is_counted_within_its_epoch(step: int, shown: str) -> None:
    assert formatting.batch(make_record(1, step=step)) == shown
