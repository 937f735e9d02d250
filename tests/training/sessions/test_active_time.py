"""Training time of a session, from its history."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.storage.history import HistoryEntry
from mnist_tui.training.sessions.active_time import ActiveTime

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(NOON + seconds, UTC).isoformat(timespec="milliseconds")


def became(state: str, seconds: float, command: str = "") -> HistoryEntry:
    return HistoryEntry(event="changed", time=moment(seconds), text=state, command=command)


def trained(active: ActiveTime, seconds: float) -> float:
    return active.seconds_at(NOON + seconds)


def test_time_counts_only_while_running() -> None:
    active = ActiveTime.from_entries(
        [
            became("queued", 0, "new"),
            became("starting", 10),
            became("running", 12),
            became("pausing", 22),
            became("paused: disk full", 23),
            became("running", 100),
            became("finished", 105),
        ]
    )
    told = {after: trained(active, after) for after in (0, 12, 15, 22, 60, 100, 102.5, 105, 999)}
    assert told == {
        0: 0, 12: 0, 15: 3, 22: 10, 60: 10, 100: 10, 102.5: 12.5, 105: 15, 999: 15,
    }  # fmt: skip


def test_time_goes_on_in_a_session_that_runs_now() -> None:
    active = ActiveTime.from_entries([became("running: a damaged checkpoint was passed over", 5)])
    assert trained(active, 65) == 60


def test_a_session_that_never_ran_has_trained_no_time() -> None:
    assert ActiveTime.from_entries([]).seconds_at(NOON) == 0
    assert trained(ActiveTime.from_entries([became("queued", 0, "new")]), 50) == 0


def test_a_night_without_a_supervisor_is_no_training_time() -> None:
    entries = [
        became("running", 0),
        became("interrupted: machine restarted", 40_000),
        became("queued: waits for a free slot", 40_001),
        became("running", 40_010),
    ]
    rows = [NOON + 1, NOON + 2.5, NOON + 40_011]
    active = ActiveTime.from_entries(entries, rows)
    assert trained(active, 2.5) == 2.5
    assert trained(active, 39_000) == 2.5
    assert trained(active, 40_011) == 3.5
    without_rows = ActiveTime.from_entries(entries)
    assert trained(without_rows, 39_000) == 39_000


def test_an_interruption_before_the_first_row_counts_no_time() -> None:
    entries = [became("running", 100), became("interrupted", 200)]
    assert trained(ActiveTime.from_entries(entries, [NOON + 50]), 300) == 0


@pytest.mark.parametrize(
    "entry",
    [
        HistoryEntry(event="changed", time=moment(30), text="stopped", command="rename"),
        HistoryEntry(event="changed", time=moment(30), text="worker gone while training"),
        HistoryEntry(event="done", time=moment(30), text="stopped"),
        HistoryEntry(event="changed", time="yesterday", text="stopped"),
        HistoryEntry(event="changed", time="2026-13-45T00:00:00Z", text="stopped"),
        HistoryEntry(event="requested", time=moment(30), command="stop"),
    ],
)
def test_only_a_change_of_state_ends_a_span(entry: HistoryEntry) -> None:
    assert trained(ActiveTime.from_entries([became("running", 0), entry]), 60) == 60


def test_a_clock_that_was_set_back_takes_no_time_away() -> None:
    entries = [became("running", 100), became("paused", 50), became("running", 60)]
    active = ActiveTime.from_entries(entries)
    assert trained(active, 110) == 10


@given(
    st.lists(st.tuples(st.sampled_from(["running", "paused", "queued"]), st.floats(0, 1e6))),
    st.lists(st.floats(-10, 2e6), min_size=2).map(sorted),
)
def test_training_time_never_falls_and_never_outruns_the_clock(
    changes: list[tuple[str, float]], moments: list[float]
) -> None:
    active = ActiveTime.from_entries([became(state, at) for state, at in changes])
    for earlier, later in itertools.pairwise(moments):
        gained = trained(active, later) - trained(active, earlier)
        assert -1e-3 <= gained <= later - earlier + 1e-3
