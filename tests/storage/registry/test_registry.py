from __future__ import annotations

import errno
import json
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
from tinydb import TinyDB

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import make_session_folder, move_to_trash
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import Progress, SessionRecord, SessionState
from mnist_tui.storage.registry import journal
from mnist_tui.storage.registry.registry import MIN_COMPACTION_BYTES, Registry
from mnist_tui.storage.registry.registry_reader import previous_snapshot
from tests.storage.samples import full_disk, sample_record

if TYPE_CHECKING:
    from pathlib import Path


def reopened(home: Home) -> list[SessionRecord]:
    """Return what a new supervisor would see, nothing to report included."""
    registry = Registry.open(home)
    registry.close()
    assert registry.notices == ()
    return registry.all()


def fill_journal(registry: Registry, session_id: int) -> None:
    """Change one session until the journal is written into the snapshot."""
    path = registry._home.journal
    is_grown = False
    for step in range(10_000):
        registry.put(sample_record(session_id, step=step, note="x" * 1000))
        if is_grown and path.stat().st_size < MIN_COMPACTION_BYTES // 2:
            return
        is_grown = is_grown or path.stat().st_size > MIN_COMPACTION_BYTES // 2
    raise AssertionError("the journal was never compacted")


def test_a_new_home_is_empty_and_says_nothing(home: Home) -> None:
    assert reopened(home) == []


def test_what_was_put_is_there_after_reopening(home: Home) -> None:
    registry = Registry.open(home)
    first = sample_record(1, tags=("a", "b"), environment={"CUDA_VISIBLE_DEVICES": "0"})
    registry.put(first)
    registry.put(sample_record(2))
    second = sample_record(2, step=7, state=SessionState.RUNNING, name="ü [/b] ../\x1b[2J\n")
    registry.put(second)
    assert registry.all() == [first, second]
    assert registry.get(2) == second
    registry.close()
    assert reopened(home) == [first, second]


def test_sessions_are_listed_by_their_id(home: Home) -> None:
    registry = Registry.open(home)
    for session_id in (10, 2, 33, 1):
        registry.put(sample_record(session_id))
    assert [record.id for record in registry.all()] == [1, 2, 10, 33]
    registry.close()


def test_what_was_removed_stays_removed(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    registry.put(sample_record(2))
    registry.remove(1)
    with pytest.raises(KeyError):
        registry.get(1)
    with pytest.raises(KeyError):
        registry.remove(1)
    registry.close()
    assert reopened(home) == [sample_record(2)]


def test_an_id_is_given_once_and_never_again(home: Home) -> None:
    given = []
    for _ in range(3):
        registry = Registry.open(home)
        given += [registry.new_id(), registry.new_id()]
        registry.put(sample_record(given[-2]))
        registry.remove(given[-2])
        registry.close()
    assert given == [1, 2, 3, 4, 5, 6]


def test_ids_of_folders_in_home_and_trash_are_not_given_even_without_any_registry(
    home: Home,
) -> None:
    registry = Registry.open(home)
    for session_id in (3, 8):
        make_session_folder(home, session_id)
    move_to_trash(home, 8)
    registry.close()
    for path in (home.registry, home.journal):
        path.unlink()
    registry = Registry.open(home)
    assert registry.new_id() == 9
    registry.close()


def test_plain_tinydb_opens_the_snapshot(home: Home, tmp_path: Path) -> None:
    registry = Registry.open(home)
    fill_journal(registry, 7)
    registry.put(sample_record(7, state=SessionState.PAUSED))
    registry.close()
    shutil.copy(home.registry, tmp_path / "copy.json")
    with TinyDB(tmp_path / "copy.json") as database:
        document = database.table("sessions").get(doc_id=7)
        assert isinstance(document, dict)
        assert document["name"] == "session 7"
        assert database.table("meta").all()[0]["next_id"] == 8


def test_the_journal_is_written_into_the_snapshot_and_the_one_before_is_kept(home: Home) -> None:
    registry = Registry.open(home)
    fill_journal(registry, 1)
    first = home.registry.read_bytes()
    fill_journal(registry, 1)
    latest = registry.all()
    registry.close()
    assert previous_snapshot(home).read_bytes() == first
    assert home.journal.stat().st_size < MIN_COMPACTION_BYTES
    assert reopened(home) == latest


def test_a_crash_between_snapshot_and_journal_changes_nothing(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    registry.put(sample_record(2))
    registry.remove(1)
    registry.put(sample_record(2, step=5))
    changes = home.journal.read_bytes()
    registry._compact()
    home.journal.write_bytes(changes)
    latest = registry.all()
    registry.close()
    assert reopened(home) == latest == [sample_record(2, step=5)]


def test_a_change_costs_the_same_among_ten_and_a_thousand_sessions(home: Home) -> None:
    registry = Registry.open(home)
    costs = []
    for size in (10, 1000):
        for session_id in range(1, size + 1):
            registry.put(sample_record(session_id))
        registry._compact()
        registry.put(sample_record(5, step=1))
        costs.append(home.journal.stat().st_size)
    registry.close()
    assert costs[1] < 1.1 * costs[0]
    assert costs[1] < 2000


def test_numbers_that_are_not_finite_are_stored_as_absent(home: Home) -> None:
    registry = Registry.open(home)
    figures = Progress(train_loss=float("nan"), val_loss=float("inf"), test_loss=0.5)
    registry.put(sample_record(1, progress=figures))
    assert registry.get(1).progress == Progress(test_loss=0.5)
    registry._compact()
    registry.close()

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} in the registry")

    json.loads(home.registry.read_text(), parse_constant=refuse)


def test_text_that_cannot_be_stored_is_refused_before_anything_is_written(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    with pytest.raises(UnicodeEncodeError):
        registry.put(sample_record(1, name="\udc80"))
    assert registry.get(1).name == "session 1"
    registry.close()
    assert reopened(home) == [sample_record(1)]


def test_unknown_fields_of_a_later_version_of_the_same_format_are_ignored(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    registry._compact()
    registry.close()
    document = json.loads(home.registry.read_bytes())
    document["sessions"]["1"]["colour"] = "red"
    document["meta"]["1"]["flavour"] = "sweet"
    home.registry.write_text(json.dumps(document))
    assert reopened(home) == [sample_record(1)]


def test_on_a_full_disk_the_change_is_refused_and_nothing_is_lost(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    length = home.journal.stat().st_size
    with full_disk(length + 100), pytest.raises(StorageError) as caught:
        registry.put(sample_record(1, step=9))
    assert str(caught.value) == (
        f"The change to session #1 could not be saved in {home.journal} (File too large);"
        " make room or check the disk, then try again."
    )
    assert registry.get(1) == sample_record(1)
    assert home.journal.stat().st_size == length
    with full_disk(length), pytest.raises(StorageError, match="session #2"):
        registry.new_id()
    with full_disk(length), pytest.raises(StorageError, match="session #1"):
        registry.remove(1)
    registry.put(sample_record(2))
    registry.close()
    assert reopened(home) == [sample_record(1), sample_record(2)]


def test_a_snapshot_that_does_not_fit_refuses_no_change_and_says_so(home: Home) -> None:
    registry = Registry.open(home)
    for session_id in range(1, 101):
        registry.put(sample_record(session_id))
    registry._compact()
    size = home.registry.stat().st_size
    registry._compact_at = 1000
    for session_id in range(101, 110):
        with full_disk(size - 1):
            registry.put(sample_record(session_id))
    [notice] = registry.notices[:1]
    assert notice == (
        f"The registry {home.registry} could not be rewritten (File too large);"
        " changes are still saved in its journal, but make room on that disk."
    )
    registry.close()
    assert [record.id for record in reopened(home)] == list(range(1, 110))


def test_a_change_is_synced_before_it_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry.open(home)
    seen: list[tuple[int, bool]] = []
    real_sync = journal._sync

    def sync(descriptor: int) -> None:
        seen.append((len(registry.all()), b"session 1" in home.journal.read_bytes()))
        real_sync(descriptor)

    monkeypatch.setattr(journal, "_sync", sync)
    registry.put(sample_record(1))
    assert seen == [(0, True)]
    registry.close()


def test_after_a_failed_sync_the_next_change_goes_to_new_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    before = home.journal.stat().st_ino

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr(journal, "_sync", fail)
        with pytest.raises(StorageError, match="Input/output error"):
            registry.put(sample_record(1, step=9))
    assert registry.get(1) == sample_record(1)
    registry.put(sample_record(2))
    assert home.journal.stat().st_ino != before
    registry.close()
    assert reopened(home) == [sample_record(1), sample_record(2)]


def test_a_home_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path / "gone")
    with pytest.raises(StorageError) as caught:
        Registry.open(home)
    assert str(caught.value) == (
        f"The registry in {home.path} cannot be opened (No such file or directory);"
        " check the disk and the permissions, or choose another with --home DIR."
    )


def test_what_is_handed_in_later_does_not_change_what_is_stored(home: Home) -> None:
    registry = Registry.open(home)
    record = sample_record(1)
    registry.put(record)
    record.parameters["model"] = "changed"
    assert registry.get(1) == sample_record(1)
    registry.close()


def test_stored_records_say_their_format(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    change = json.loads(home.journal.read_bytes().split(b" ", 1)[1])
    assert change["format"] == 1
    assert change["record"]["format"] == 1
    registry._compact()
    registry.close()
    snapshot = msgspec.json.decode(home.registry.read_bytes())
    assert snapshot["meta"]["1"]["format"] == 1
    assert snapshot["sessions"]["1"]["format"] == 1
