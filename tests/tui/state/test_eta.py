from __future__ import annotations

import pytest

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.tui.state.eta import outlook, seconds_left
from tests.tui.samples import make_record


def queued(session_id: int, **parameters: object) -> SessionRecord:
    record = make_record(session_id, SessionState.QUEUED, step=0)
    record.parameters.update(parameters)
    return record


def test_nothing_is_foretold_where_nothing_runs_or_speed_is_not_known_yet() -> None:
    assert seconds_left([make_record(1, SessionState.FINISHED), queued(2)]) is None
    assert seconds_left([make_record(1, eta_s=60.0), make_record(2)]) is None
    assert outlook([]) == ""


def test_running_sessions_end_with_the_last_of_them() -> None:
    assert seconds_left([make_record(1, eta_s=60.0), make_record(2, eta_s=90.0)]) == (90.0, True)


def test_queued_sessions_follow_where_a_slot_becomes_free() -> None:
    # Half of 10 epochs takes 50 s, so each queued session of 10 epochs takes 100 s.
    records = [make_record(1, step=50, eta_s=50.0), make_record(2, step=50, eta_s=50.0)]
    assert seconds_left([*records, queued(3), queued(4)]) == pytest.approx((150.0, True))
    assert seconds_left([*records, queued(3), queued(4), queued(5)]) == pytest.approx((250.0, True))


def test_a_queued_session_like_none_that_runs_makes_it_a_lower_bound() -> None:
    records = [make_record(1, step=50, eta_s=50.0), queued(2, model="lenet")]
    assert seconds_left(records) == (50.0, False)
    assert outlook(records) == "all done in > 50s"


def test_held_sessions_are_not_waited_for() -> None:
    held = make_record(2, SessionState.QUEUED, step=0, is_held=True)
    assert seconds_left([make_record(1, step=50, eta_s=50.0), held]) == (50.0, True)
