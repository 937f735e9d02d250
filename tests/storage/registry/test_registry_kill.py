from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import read_records
from tests.storage.samples import kill, start_python

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home

NUM_KILLS = int(os.environ.get("MNIST_TUI_TEST_KILLS", "200"))

# Grows and shrinks documents, creates and removes sessions; every line told is a promise.
WRITER = """
import random, sys
from pathlib import Path
import mnist_tui.storage.registry.registry
from mnist_tui.storage.home import Home
from tests.storage.samples import sample_record
mnist_tui.storage.registry.registry.MIN_COMPACTION_BYTES = 20_000
registry = mnist_tui.storage.registry.registry.Registry.open(Home(Path(sys.argv[1])))
first = int(sys.argv[2])
chance = random.Random(first)
for number in range(first, first + 10**9):
    session_id = number % 20 + 1
    note = "x" * chance.randrange(600)
    registry.put(sample_record(session_id, step=number, note=note))
    if number % 50 == 49:
        removed = registry.new_id()
        registry.put(sample_record(removed))
        registry.remove(removed)
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


@pytest.mark.parametrize("num_kills", [20, pytest.param(NUM_KILLS, marks=pytest.mark.fault)])
def test_no_kill_loses_an_acknowledged_change_or_gives_an_id_twice(
    home: Home, num_kills: int
) -> None:
    chance = random.Random(0)
    acknowledged = -1
    newest_id = 0
    for _ in range(num_kills):
        writer = start_python(WRITER, home.path, acknowledged + 1)
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 120)):
            acknowledged = int(writer.stdout.readline())
        rest = kill(writer).split(b"\n")[:-1]
        acknowledged = int(rest[-1]) if rest else acknowledged

        seen = read_records(home)
        registry = Registry.open(home)
        assert registry.notices == ()
        assert registry.all() == seen
        steps = {record.id: record.progress.position.step for record in registry.all()}
        for session_id in range(1, 21):
            promised = acknowledged - (acknowledged - session_id + 1) % 20
            assert promised < 0 or steps[session_id] >= promised
        assert max(steps.values()) <= acknowledged + 1
        new_id = registry.new_id()
        assert new_id > newest_id
        newest_id = new_id
        registry.close()
        assert not list(home.path.glob(".tmp-*"))


STOCK_WRITER = """
import random, sys
from tinydb import TinyDB, Query
database = TinyDB(sys.argv[1])
chance = random.Random(0)
while True:
    for session_id in range(1, 21):
        pad = "x" * chance.randrange(600)
        database.upsert({"id": session_id, "pad": pad}, Query().id == session_id)
        sys.stdout.write("saved\\n")
        sys.stdout.flush()
"""


def test_the_kills_would_see_stock_tinydb(tmp_path_factory: pytest.TempPathFactory) -> None:
    # On a disk: what is lost is lost between a slow sync and the truncation after it.
    path = tmp_path_factory.mktemp("stock") / "stock.json"
    chance = random.Random(0)
    for _ in range(300):
        writer = start_python(STOCK_WRITER, path)
        assert writer.stdout is not None
        for _ in range(chance.randint(20, 60)):
            writer.stdout.readline()
        kill(writer)
        try:
            json.loads(path.read_text())
        except ValueError:
            return
    pytest.fail("300 kills left no unreadable file, so the kills above prove nothing")
