from __future__ import annotations

from mnist_tui.training.analysis.parameter_differences import MAX_SESSIONS
from mnist_tui.tui.charts.chart_events import ChartEvent
from mnist_tui.tui.charts.chart_marks import CURVE_MARKERS, SLOT_MARKERS, Mark, lay_out, slots_of


def event(word: str, glyph: str = "‖", *, is_quiet: bool = False) -> ChartEvent:
    return ChartEvent(0, 0, glyph, word, "quiet", is_quiet)


def drawn(events: list[tuple[int, ChartEvent]], width: int) -> str:
    line = [" "] * width
    for mark in lay_out(events, width).marks:
        for place, character in enumerate(mark.text, start=mark.start):
            assert 0 <= place < width, "nothing lies outside"
            assert line[place] == " ", "nothing lies over something else"
            line[place] = character
    return "".join(line)


def test_words_begin_at_their_column() -> None:
    assert lay_out([(5, event("paused 3s"))], 40).marks == (Mark(5, "‖ paused 3s"),)


def test_at_the_right_end_words_stand_to_the_left_of_their_glyph() -> None:
    assert drawn([(19, event("killed", "×"))], 20) == " " * 12 + "killed ×"


def test_what_has_room_for_words_nowhere_is_a_glyph() -> None:
    assert drawn([(0, event("one")), (4, event("two")), (8, event("three"))], 10) == "‖   ‖   ‖ "


def test_events_in_one_place_share_a_mark_or_are_counted() -> None:
    both = [(5, event("paused")), (6, event("lr 0.1→0.01", "↘"))]
    assert drawn(both, 40).strip() == "‖ paused, ↘ lr 0.1→0.01"
    assert drawn(both, 16).strip() == "2 events"
    assert drawn([(5, event("x"))] * 3, 14).strip() == "3 events"
    assert drawn([(2, event("x"))] * 3, 5).strip() == "3"
    assert lay_out(both, 40).columns == (5,)


def test_events_in_one_place_keep_their_order() -> None:
    killed, resumed = ChartEvent(30, 30, "×", "killed", "bad"), ChartEvent(20, 40, "↺", "on", "")
    assert drawn([(5, resumed), (5, killed)], 40).strip() == "× killed, ↺ on"


def test_quiet_events_take_no_room() -> None:
    layout = lay_out([(5, event("saved", is_quiet=True))], 40)
    assert (layout.columns, layout.marks) == ((), ())


def test_a_hundred_events_fit_on_a_line() -> None:
    drawn([(column, event(f"paused {column}s")) for column in range(100)], 100)
    drawn([(99, event("paused"))] * 100, 100)


def test_every_curve_has_a_marker_of_its_own() -> None:
    assert len(set(SLOT_MARKERS)) == len(SLOT_MARKERS) == 10
    assert len(set(CURVE_MARKERS.values())) == 3


def test_a_session_has_the_same_slot_whatever_it_is_compared_with() -> None:
    assert slots_of([1, 2, 3]) == {1: 0, 2: 1, 3: 2}
    assert slots_of([2, 3])[3] == slots_of([3, 8])[3] == slots_of([3])[3] == 2


def test_two_sessions_never_share_a_slot() -> None:
    assert slots_of([3, 13, 23, 4]) == {3: 2, 13: 3, 23: 4, 4: 5}
    ten = slots_of(range(5, 95, 9))
    assert sorted(ten.values()) == list(range(len(SLOT_MARKERS)))
    assert sorted(slots_of(range(7, 107, 10)).values()) == list(range(len(SLOT_MARKERS)))


def test_every_session_of_a_comparison_has_a_slot_of_its_own() -> None:
    slots = slots_of(range(7, 7 + MAX_SESSIONS))
    assert len(set(slots.values())) == MAX_SESSIONS == len(set(SLOT_MARKERS))
