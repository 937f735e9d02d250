from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.home import Home
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import read_records
from tests.deadlines import patient
from tests.storage.samples import kill, sample_record, start_python, tree

if TYPE_CHECKING:
    from pathlib import Path

# Every session is put again and again, and the files are exchanged at nearly every change.
BUSY_WRITER = """
import sys
from pathlib import Path
import mnist_tui.storage.registry.registry
from mnist_tui.storage.home import Home
from tests.storage.samples import sample_record
mnist_tui.storage.registry.registry.MIN_COMPACTION_BYTES = 2000
registry = mnist_tui.storage.registry.registry.Registry.open(Home(Path(sys.argv[1])))
for step in range(10**9):
    registry._compact_at = 2000
    registry.put(sample_record(step % 5 + 1, step=step))
    if step == 5:
        print("ready", flush=True)
"""


def test_it_shows_what_the_registry_shows(home: Home) -> None:
    registry = Registry.open(home)
    for session_id in (3, 1, 2):
        registry.put(sample_record(session_id))
        assert read_records(home) == registry.all()
    registry._compact()
    assert read_records(home) == registry.all()
    registry.remove(3)
    assert read_records(home) == registry.all()
    registry.close()


def test_where_there_is_no_home_there_are_no_sessions(tmp_path: Path) -> None:
    assert read_records(Home(tmp_path / "gone")) == []
    assert not (tmp_path / "gone").exists()


def test_reading_writes_nothing(home: Home) -> None:
    registry = Registry.open(home)
    registry.put(sample_record(1))
    registry.close()
    with home.journal.open("ab") as file:
        file.write(b"half a line")
    before = tree(home.path)
    assert read_records(home) == [sample_record(1)]
    assert tree(home.path) == before


def test_no_change_is_ever_unseen_while_the_files_are_exchanged(home: Home) -> None:
    writer = start_python(BUSY_WRITER, home.path)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    newest = -1
    journals = set()
    for _ in range(300):
        records = read_records(home)
        assert len(records) == 5
        steps = [record.progress.position.step for record in records]
        assert max(steps) >= newest
        assert max(steps) - min(steps) <= 5
        newest = max(steps)
        journals.add(home.journal.stat().st_ino)
    kill(writer)
    assert newest > 5
    assert len(journals) > 1


def test_a_registry_that_may_not_be_read_is_one_sentence(home: Home) -> None:
    home.registry.mkdir()
    with pytest.raises(StorageError) as caught:
        read_records(home)
    assert str(caught.value) == (
        f"The registry in {home.path} cannot be read (Is a directory);"
        " check its permissions or choose another with --home DIR."
    )


def test_it_needs_neither_tinydb_nor_numpy_nor_torch() -> None:
    script = (
        "import sys, mnist_tui.storage.registry.registry_reader;"
        "sys.exit(any(name in sys.modules for name in ('tinydb', 'numpy', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_registry_needs_no_numpy() -> None:
    script = "import sys, mnist_tui.storage.registry.registry; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.timing
def test_a_thousand_sessions_are_read_in_fifteen_milliseconds(home: Home) -> None:
    registry = Registry.open(home)
    for session_id in range(1, 1001):
        registry.put(sample_record(session_id))
    registry.close()
    durations = []
    for _ in range(10):
        began_at = time.perf_counter()
        records = read_records(home)
        durations.append(time.perf_counter() - began_at)
        assert len(records) == 1000
    assert min(durations) < patient(0.015)
