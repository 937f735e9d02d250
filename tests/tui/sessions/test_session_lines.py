"""Lines on one session: its header and the detail line, safe and fitted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.sessions.session_lines import (
    detail_line,
    empty_table_lines,
    header_lines,
    modes_text,
)
from mnist_tui.tui.text.styled_lines import text_of
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS, make_record


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, *MARKUP_TEXTS])
def test_hostile_text_is_only_text(text: str) -> None:
    record = make_record(1, SessionState.FAILED, name=text, cause=text)
    lines = [*header_lines(record, 200, device_use=text), detail_line(record)]
    assert all(line.isprintable() for line in text_of(lines).splitlines())


def test_the_time_left_is_shown_once_the_speed_is_measured() -> None:
    warming_up = text_of(header_lines(make_record(1, images_per_s=None), 120))
    assert "ETA soon known" in warming_up
    measured = text_of(header_lines(make_record(1, images_per_s=6_400.0, eta_s=130.0), 120))
    assert "ETA 2m10  6,400 images/s  100 batches/s" in measured
    paused = make_record(1, SessionState.PAUSED, eta_s=1.0)
    assert "ETA" not in text_of(header_lines(paused, 120))


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_the_header_fits_the_width(width: int) -> None:
    record = make_record(1, name="名" * 60, images_per_s=6_400.0, eta_s=130.0, test_accuracy=0.99)
    lines = header_lines(
        record, width, device_use="412 MiB · 0.98 cores", exactness="resumes exactly"
    )
    assert all(cell_len(line) <= width for line in text_of(lines).splitlines())
    assert len(lines) == 2


def test_the_cause_of_a_failure_is_never_cut() -> None:
    record = make_record(1, SessionState.FAILED, cause="the loss became NaN " * 6)
    header = text_of(header_lines(record, 60))
    assert header.count("the loss became NaN") == 6


def test_the_detail_line_names_the_settings_of_the_table_and_what_the_user_wrote() -> None:
    modes = modes_text(filter_text="lr>0.1", num_listed=3, num_marked=2, follows_newest=True)
    record = replace(make_record(1), tags=("night",), note="look at this")
    line = text_of([detail_line(record, modes=modes)])
    assert line.startswith(" /lr>0.1: 3 · 2 marked · following  #1 baseline  ")
    assert line.endswith("+night  look at this")


def test_an_empty_table_names_the_first_key_or_the_filter_that_matches_nothing() -> None:
    first = text_of(empty_table_lines("~/sessions", "")).splitlines()
    assert first[0] == "No sessions yet in ~/sessions."
    assert first[2].startswith("n  make one")
    assert "No session matches /cnn." in text_of(empty_table_lines("~/sessions", "cnn"))
