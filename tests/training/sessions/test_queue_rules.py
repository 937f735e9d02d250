"""Queue policy, recovery after a crash, and accepted labels and settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.settings import Settings, SettingsError, load_settings
from mnist_tui.training.sessions import recovery
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.progress import waiting_for
from mnist_tui.training.sessions.queue import next_to_start

if TYPE_CHECKING:
    from pathlib import Path


def record(session_id: int, **fields: Any) -> SessionRecord:
    defaults = {
        "name": f"s{session_id}",
        "parameters": {"epochs": 1},
        "created_at": "2026-01-01T00:00:00Z",
        "queued_at": f"2026-01-01T00:00:{session_id:02d}Z",
        "boot_id": "this boot",
    }
    return SessionRecord(id=session_id, **{**defaults, **fields})


def test_the_session_queued_longest_starts_first_and_held_ones_wait() -> None:
    records = [
        record(1, is_held=True),
        record(2, queued_at="2026-01-01T00:00:09Z"),
        record(3),
    ]

    chosen = next_to_start(records, slots=1)

    assert chosen is not None
    assert chosen.id == 3


@pytest.mark.parametrize("state", [SessionState.RUNNING, SessionState.PAUSED, SessionState.KILLING])
def test_whoever_has_a_process_takes_a_slot(state: SessionState) -> None:
    records = [record(1, state=state), record(2)]

    assert next_to_start(records, slots=1) is None
    assert next_to_start(records, slots=2) is records[1]


def test_a_crash_leaves_losses_told_apart_by_the_boot() -> None:
    records = [
        record(1, state=SessionState.RUNNING),
        record(2, state=SessionState.PAUSED, boot_id="another boot"),
        record(3),
        record(4, state=SessionState.FINISHED),
    ]

    found = [(lost.id, trigger) for lost, trigger, _ in recovery.losses(records, "this boot")]

    assert found == [(1, Trigger.SUPERVISOR_LOST), (2, Trigger.MACHINE_RESTARTED)]


def test_only_a_session_interrupted_in_this_boot_goes_on_by_itself() -> None:
    interrupted = {
        "state": SessionState.INTERRUPTED,
        "cause": recovery.SUPERVISOR_RESTARTED,
    }

    assert recovery.goes_on_by_itself(record(1, **interrupted), "this boot")
    assert not recovery.goes_on_by_itself(record(1, **interrupted), "next boot")
    assert not recovery.goes_on_by_itself(
        record(1, state=SessionState.INTERRUPTED, cause="machine restarted"), "this boot"
    )


def test_a_session_goes_on_by_itself_three_times_in_ten_minutes_at_most() -> None:
    now = datetime.now(UTC)
    lately = tuple((now - timedelta(minutes=m)).isoformat() for m in (1, 2, 3))
    long_ago = tuple((now - timedelta(minutes=m)).isoformat() for m in (11, 12, 13))

    assert not recovery.may_go_on(record(1, recoveries=lately), now)
    assert recovery.may_go_on(record(1, recoveries=lately[:2] + long_ago), now)


def test_a_held_session_says_so_and_why() -> None:
    assert waiting_for(record(1, is_held=True)) == "held"
    assert waiting_for(record(1, is_held=True, cause="machine restarted")) == (
        "held: machine restarted"
    )
    assert waiting_for(record(1, cause="waits for a free slot")) == "waits for a free slot"


@pytest.mark.parametrize(
    "label", ["baseline", "wide kernels", "lr=0.1, wd 0", "ünïcode 数字", "7b"]
)
def test_ordinary_names_are_accepted(label: str) -> None:
    assert check_label(f" {label} ") == label


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("../../etc/x", "begins with '.'"),
        ("a/b", "slashes"),
        ("[bold]x", "brackets"),
        ("a\x1b[31mb", "control or invisible character at position 2"),
        ("a\x9bb", "control or invisible"),
        ("a\u202eb", "control or invisible"),
        ("a\nb", "control or invisible"),
        ("\ud800", "control or invisible"),
        ("123", "all digits"),
        ("", "empty"),
        ("   ", "empty"),
        ("-rf", "begins with '-'"),
        ("x" * 65, "64 or fewer"),
    ],
)
def test_a_label_that_could_be_a_path_or_markup_or_an_escape_is_refused(
    label: str, words: str
) -> None:
    with pytest.raises(ValueError, match="the name") as caught:
        check_label(label)
    assert words in str(caught.value)


def test_settings_come_from_the_file_and_default_without_one(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"

    assert load_settings(path) == Settings()
    path.write_text('slots = 3\ndevice = "cpu"\nrefresh_s = 2\n')
    assert load_settings(path) == Settings(slots=3, device="cpu", refresh_s=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("slots = 0", "between 1 and 256"),
        ("slots = true", "must be a number"),
        ("device = 3", "text in quotes"),
        ("colour = 1", "unknown key 'colour'"),
        ("slots =", "cannot be read"),
    ],
)
def test_a_wrong_settings_file_is_named_with_its_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)

    with pytest.raises(SettingsError) as caught:
        load_settings(path)

    assert words in str(caught.value)
    assert str(path) in str(caught.value)
