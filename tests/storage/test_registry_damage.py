from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import make_session_folder, move_to_trash, write_session_copy
from mnist_tui.storage.home import Home
from mnist_tui.storage.registry.journal import frame
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import load, previous_snapshot, read_records
from tests.storage.samples import flip_bit, sample_record, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord

NUM_SESSIONS = 6


@pytest.fixture
def used(home: Home) -> Home:
    """A home with six sessions, two snapshots, a journal and a copy in every session's folder."""
    registry = Registry.open(home)
    for session_id in range(1, NUM_SESSIONS + 1):
        make_session_folder(home, registry.new_id())
        put(registry, sample_record(session_id))
        if session_id in (2, 4):
            registry._compact()
    put(registry, sample_record(1, step=100, generation=1))
    registry.close()
    return home


EXPECTED = [sample_record(1, step=100, generation=1)] + [
    sample_record(session_id) for session_id in range(2, NUM_SESSIONS + 1)
]


def put(registry: Registry, record: SessionRecord) -> None:
    registry.put(record)
    write_session_copy(registry._home, record)


def damaged_files(home: Home) -> dict[str, bytes]:
    return {
        name.split(".damaged-")[0]: content
        for name, content in tree(home.path).items()
        if ".damaged-" in name
    }


def require_recovered(home: Home) -> tuple[str, ...]:
    """Open a damaged home, twice, and return what the user was told the first time."""
    assert read_records(home) == EXPECTED
    registry = Registry.open(home)
    assert registry.all() == EXPECTED
    assert registry.new_id() == NUM_SESSIONS + 1
    registry.close()
    again = Registry.open(home)
    assert again.all() == EXPECTED
    assert again.notices == ()
    again.close()
    return registry.notices


SPOIL: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "garbage": lambda content: random.Random(0).randbytes(len(content)),
    "another JSON": lambda content: b'{"_default": {}}',
    "a list": lambda content: b"[]",
    "doubled": lambda content: content + content,
    "deep": lambda content: b"[" * 100_000,
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("how", SPOIL)
def test_a_spoilt_snapshot_is_kept_and_no_session_is_missing(used: Home, how: str) -> None:
    spoilt = SPOIL[how](used.registry.read_bytes())
    used.registry.write_bytes(spoilt)
    kept, recovered = require_recovered(used)
    assert damaged_files(used) == {"registry.json": spoilt}
    assert kept.startswith(f"{used.registry} was damaged and is kept as registry.json.damaged-")
    assert recovered == (
        "The registry was rebuilt from registry.json.1 and the session folders:"
        " sessions recovered: 6."
    )


def test_with_both_snapshots_spoilt_the_folders_are_enough(used: Home) -> None:
    used.registry.write_bytes(b"")
    previous_snapshot(used).write_bytes(b"{")
    *_, recovered = require_recovered(used)
    assert damaged_files(used) == {"registry.json": b"", "registry.json.1": b"{"}
    assert recovered == (
        "The registry was rebuilt from the session folders: sessions recovered: 6."
    )


def test_with_every_registry_file_gone_the_folders_are_enough(used: Home) -> None:
    for path in (used.registry, previous_snapshot(used), used.journal):
        path.unlink()
    missing, recovered = require_recovered(used)
    assert missing == f"{used.registry} was missing."
    assert recovered == (
        "The registry was rebuilt from the session folders: sessions recovered: 6."
    )


def test_a_missing_snapshot_alone_is_recovered(used: Home) -> None:
    used.registry.unlink()
    missing, recovered = require_recovered(used)
    assert missing == f"{used.registry} was missing."
    assert "registry.json.1" in recovered


def test_the_journal_counts_even_when_the_snapshot_and_the_copies_are_gone(used: Home) -> None:
    used.registry.write_bytes(b"garbage")
    shutil.rmtree(used.session(6))
    assert sample_record(6) in read_records(used)


def test_a_session_in_the_trash_does_not_come_back_with_an_older_snapshot(used: Home) -> None:
    registry = Registry.open(used)
    registry.remove(2)
    move_to_trash(used, 2)
    registry._compact()
    registry.close()
    used.registry.write_bytes(b"garbage")
    assert [record.id for record in read_records(used)] == [1, 3, 4, 5, 6]


def test_a_session_whose_copy_is_damaged_too_is_named(used: Home) -> None:
    for path in (used.registry, previous_snapshot(used), used.journal):
        path.unlink()
    (used.session(3) / "session.json").write_bytes(b"{")
    registry = Registry.open(used)
    registry.close()
    assert [record.id for record in registry.all()] == [1, 2, 4, 5, 6]
    assert registry.notices[-1] == (
        f"The session in {used.session(3)} could not be recovered, because its session.json is"
        " missing or damaged; its metrics and checkpoints are untouched."
    )


def test_a_copy_that_is_older_than_the_snapshot_does_not_win(used: Home) -> None:
    registry = Registry.open(used)
    registry.put(sample_record(2, step=50, generation=1))
    registry._compact()
    registry._compact()
    registry.close()
    used.registry.write_bytes(b"garbage")
    assert read_records(used)[1].progress.position.step == 50


def test_a_journal_cut_at_any_byte_gives_the_changes_that_were_whole(home: Home) -> None:
    registry = Registry.open(home)
    states: list[list[SessionRecord]] = [[]]
    for step in range(3):
        registry.put(sample_record(1 + step % 2, step=step))
        states.append(registry.all())
    registry.remove(1)
    states.append(registry.all())
    registry.close()
    journal = home.journal.read_bytes()
    for length in range(len(journal), -1, -1):
        home.journal.write_bytes(journal[:length])
        expected = states[journal[:length].count(b"\n")]
        assert read_records(home) == expected
        if length % 100 == 0:
            registry = Registry.open(home)
            assert registry.all() == expected
            assert registry.notices == ()
            registry.put(sample_record(9))
            registry.close()
            assert read_records(home) == [*expected, sample_record(9)]


def test_a_damaged_line_in_the_journal_costs_no_session_and_is_told(used: Home) -> None:
    flip_bit(used.journal, 8 * 300)
    spoilt = used.journal.read_bytes()
    kept, told = require_recovered(used)
    assert kept.startswith(f"{used.journal} was damaged and is kept as registry.journal.damaged-")
    assert told == (
        "The newest changes of some sessions may be missing; check their state before you"
        " resume them."
    )
    assert damaged_files(used) == {"registry.journal": spoilt}


def test_a_session_that_only_its_folder_knows_is_added_and_told(used: Home) -> None:
    used.journal.write_bytes(b"")
    registry = Registry.open(used)
    registry.close()
    assert registry.all()[1:] == EXPECTED[1:]
    assert registry.notices == (
        "Session #5 was missing from the registry; it was added from its folder.",
        "Session #6 was missing from the registry; it was added from its folder.",
    )


def test_random_damage_to_any_registry_file_costs_no_session(used: Home, tmp_path: Path) -> None:
    chance = random.Random(3)
    names = ["registry.json", "registry.json.1", "registry.journal"]
    for number in range(40):
        copy = Home(tmp_path / str(number))
        shutil.copytree(used.path, copy.path)
        path = copy.path / chance.choice(names)
        content = bytearray(path.read_bytes())
        match chance.choice(("cut", "zeros", "noise")):
            case "cut":
                del content[chance.randrange(len(content)) :]
            case "zeros":
                begin = chance.randrange(len(content))
                content[begin : begin + 100] = bytes(len(content[begin : begin + 100]))
            case "noise":
                begin = chance.randrange(len(content))
                content[begin : begin + 20] = chance.randbytes(len(content[begin : begin + 20]))
        path.write_bytes(content)
        registry = Registry.open(copy)
        registry.close()
        assert [record.id for record in registry.all()] == list(range(1, NUM_SESSIONS + 1))


def rewrite(path: Path, change: str) -> None:
    """Let the file at `path` be one that a newer version wrote."""
    document = json.loads(path.read_bytes())
    if change == "registry":
        document["meta"]["1"]["format"] = 2
    elif change == "registry of another shape":
        document = {"meta": {"1": {"format": 3}}, "sessions": {"1": {"title": "new"}}}
    elif change == "record":
        document["sessions"]["1"]["format"] = 2
    elif change == "record of another shape":
        document["sessions"]["1"] = {"format": 2, "title": "new"}
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "change", ["registry", "registry of another shape", "record", "record of another shape"]
)
def test_a_newer_registry_is_refused_and_left_alone(used: Home, change: str) -> None:
    rewrite(used.registry, change)
    before = tree(used.path)
    for refuse in (Registry.open, read_records):
        with pytest.raises(StorageError) as caught:
            refuse(used)
        version = 3 if "registry of" in change else 2
        assert str(caught.value) == (
            f"{used.registry} was written by a newer mnist-tui (format {version}, this one reads"
            " up to 1); upgrade mnist-tui to use it."
        )
    assert tree(used.path) == before


@pytest.mark.parametrize(
    "change",
    [
        b'{"format":2,"sequence":99,"renamed":7}',
        b'{"format":2,"sequence":"text"}',
        b'{"format":1,"sequence":99,"record":{"format":2,"title":"new"}}',
    ],
)
def test_a_newer_change_in_the_journal_is_refused_and_left_alone(used: Home, change: bytes) -> None:
    with used.journal.open("ab") as file:
        file.write(frame(change))
    before = tree(used.path)
    with pytest.raises(StorageError, match="newer mnist-tui"):
        Registry.open(used)
    assert tree(used.path) == before


def test_a_newer_copy_stops_a_rebuild(used: Home) -> None:
    for path in (used.registry, previous_snapshot(used), used.journal):
        path.unlink()
    copy = used.session(3) / "session.json"
    copy.write_text('{"format": 2, "title": "new"}')
    before = tree(used.path)
    with pytest.raises(StorageError, match=r"3/session.json was written by a newer mnist-tui"):
        Registry.open(used)
    assert tree(used.path) == before


def test_leftovers_of_a_killed_supervisor_are_removed(used: Home) -> None:
    (used.path / ".tmp-registry.json-0123").write_bytes(b"half")
    registry = Registry.open(used)
    registry.close()
    assert registry.all() == EXPECTED
    assert not list(used.path.glob(".tmp-*"))


def test_reading_a_damaged_registry_writes_nothing(used: Home) -> None:
    used.registry.write_bytes(b"garbage")
    flip_bit(used.journal, 100)
    before = tree(used.path)
    load(used)
    assert tree(used.path) == before
