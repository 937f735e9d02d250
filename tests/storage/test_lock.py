from __future__ import annotations

import multiprocessing
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import LockHeldError, StorageError
from mnist_tui.storage.lock import FileLock, holder, is_locked
from tests.deadlines import wait_until
from tests.storage.samples import kill, start_python

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from mnist_tui.storage.lock import FileLock
lock = FileLock.acquire(Path(sys.argv[1]))
lock.describe("pid 1 of a test")
print("held", flush=True)
sys.stdin.read()
"""

ASKER = """
import sys
from pathlib import Path
from mnist_tui.storage.lock import is_locked
is_locked(Path(sys.argv[1]))
print("asking", flush=True)
while True:
    is_locked(Path(sys.argv[1]))
"""

RACER = """
import sys
from pathlib import Path
from mnist_tui.storage.errors import LockHeldError
from mnist_tui.storage.lock import FileLock
print("ready", flush=True)
for line in sys.stdin:
    try:
        lock = FileLock.acquire(Path(line.strip()))
        print("won", flush=True)
    except LockHeldError:
        print("lost", flush=True)
"""


def test_a_lock_is_exclusive_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = FileLock.acquire(path)
    with pytest.raises(LockHeldError):
        FileLock.acquire(path)
    first.release()
    first.release()
    with FileLock.acquire(path):
        assert is_locked(path)
    assert not is_locked(path)


def test_the_file_is_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    FileLock.acquire(path).release()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_asking_makes_no_file(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "lock")
    assert list(tmp_path.iterdir()) == []


def test_of_processes_that_race_exactly_one_wins(tmp_path: Path) -> None:
    racers = [start_python(RACER) for _ in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == b"ready\n"
    for number in range(10):
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write(f"{tmp_path / str(number)}\n".encode())
            racer.stdin.flush()
        results = [racer.stdout.readline() for racer in racers if racer.stdout]
        assert sorted(results) == [b"lost\n"] * 3 + [b"won\n"]
    for racer in racers:
        kill(racer)


def test_a_killed_holder_holds_nothing_and_a_living_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process = start_python(HOLDER, path)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    assert is_locked(path)
    with pytest.raises(LockHeldError) as caught:
        FileLock.acquire(path)
    assert str(caught.value) == (
        f"Another process (pid 1 of a test) holds {path};"
        " wait until it has ended, or end it, then try again."
    )
    kill(process)
    FileLock.acquire(path).release()


def test_a_process_that_the_holder_starts_does_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock")
    child = start_python("import sys; sys.stdin.read()")
    lock.release()
    with FileLock.acquire(tmp_path / "lock"):
        assert child.poll() is None
    kill(child)


def test_a_release_counts_even_while_a_forked_child_has_the_file_open(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock")
    is_over = multiprocessing.get_context("fork").Event()
    child = multiprocessing.get_context("fork").Process(target=is_over.wait)
    child.start()
    try:
        lock.release()
        assert not is_locked(tmp_path / "lock")
    finally:
        is_over.set()
        child.join()


def test_whoever_waits_gets_the_lock_when_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = FileLock.acquire(path)
    taken: list[FileLock] = []
    waiting = threading.Thread(target=lambda: taken.append(FileLock.acquire(path, timeout_s=10)))
    waiting.start()
    assert not taken
    first.release()
    wait_until(lambda: taken, "the waiting thread has the lock", timeout_s=5)
    waiting.join()
    taken[0].release()


def test_questions_never_make_an_acquire_fail(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    FileLock.acquire(path).release()
    asking = [start_python(ASKER, path) for _ in range(2)]
    try:
        for process in asking:
            assert process.stdout is not None
            assert process.stdout.readline() == b"asking\n"
        for _ in range(20_000):
            FileLock.acquire(path).release()
    finally:
        for process in asking:
            kill(process)


def test_what_a_holder_wrote_cannot_reach_the_terminal_as_commands(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock.acquire(path) as lock:
        lock.describe("pid 7 \x1b[2J\x9b1m" + "x" * 1000)
        assert holder(path).startswith("pid 7 �[2J�1m")
        assert len(holder(path)) <= 200
    assert holder(tmp_path / "none") == ""


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "lock"
    with pytest.raises(StorageError, match="cannot be taken") as caught:
        FileLock.acquire(path)
    assert str(caught.value) == (
        f"The lock {path} cannot be taken (No such file or directory);"
        " check the folder's permissions or choose another with --home DIR."
    )
