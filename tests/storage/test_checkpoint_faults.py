from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import CheckpointDamagedError
from mnist_tui.storage.records import Position
from tests.storage.samples import flip_bit, kill, start_python, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUM_CORRUPTIONS = int(os.environ.get("MNIST_TUI_TEST_CORRUPTIONS", "500"))
NUM_KILLS = int(os.environ.get("MNIST_TUI_TEST_KILLS", "300"))

SAVER = """
import random, sys
from pathlib import Path
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.records import Position
folder = CheckpointFolder(Path(sys.argv[1]))
folder.clean_leftovers()
for step in range(int(sys.argv[2]), 10**9):
    folder.save(
        random.Random(step).randbytes(200_000),
        position=Position(step=step), epoch=0.0, reason="periodic", is_best=step % 7 == 0,
        generation=1, fingerprint={},
    )
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
    folder.prune()
"""


@pytest.mark.parametrize("num_kills", [10, pytest.param(NUM_KILLS, marks=pytest.mark.fault)])
def test_a_killed_save_never_costs_the_one_before(tmp_path: Path, num_kills: int) -> None:
    chance = random.Random(4)
    folder = CheckpointFolder(tmp_path / "checkpoints")
    acknowledged = 0
    for _ in range(num_kills):
        saver = start_python(SAVER, folder.path, acknowledged + 1)
        assert saver.stdout is not None
        for _ in range(chance.randint(1, 25)):
            acknowledged = int(saver.stdout.readline())
        rest = kill(saver).split(b"\n")[:-1]
        acknowledged = int(rest[-1]) if rest else acknowledged

        loaded = folder.newest_valid()
        assert loaded is not None
        assert loaded.notices == []
        step = loaded.info.position.step
        assert acknowledged <= step <= acknowledged + 1
        assert loaded.content == random.Random(step).randbytes(200_000)
        acknowledged = step
        folder.clean_leftovers()
        folder.prune()
        assert 2 <= len(folder.manifests()) <= 3
        assert len(tree(folder.path)) == 2 * len(folder.manifests())


IN_PLACE_SAVER = """
import random, sys
for step in range(1, 10**9):
    content = random.Random(step).randbytes(200_000)
    with open(sys.argv[1], "wb", buffering=0) as file:
        for begin in range(0, len(content), 4096):
            file.write(content[begin : begin + 4096])
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
"""


def test_the_kills_would_see_a_save_in_place(tmp_path: Path) -> None:
    path = tmp_path / "latest.pt"
    chance = random.Random(4)
    for _ in range(100):
        saver = start_python(IN_PLACE_SAVER, path)
        assert saver.stdout is not None
        for _ in range(chance.randint(1, 25)):
            saver.stdout.readline()
        kill(saver)
        if path.stat().st_size != 200_000:
            return
    pytest.fail("100 kills left no half checkpoint, so the kills above prove nothing")


STEPS = (100, 200, 300)


def content_of(step: int) -> bytes:
    return random.Random(step).randbytes(3000)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    folder = CheckpointFolder(tmp_path / "sound")
    for step in STEPS:
        folder.save(
            content_of(step),
            position=Position(step=step),
            epoch=0.0,
            reason="periodic",
            is_best=False,
            generation=1,
            fingerprint={},
        )
    return folder.path


def flip(folder: Path, chance: random.Random) -> set[int]:
    path = folder / f"step-00000300{chance.choice(('.pt', '.json'))}"
    flip_bit(path, chance.randrange(8 * path.stat().st_size))
    return {300}


def truncate(folder: Path, chance: random.Random) -> set[int]:
    path = folder / f"step-00000300{chance.choice(('.pt', '.json'))}"
    os.truncate(path, chance.randrange(path.stat().st_size))
    return {300}


def zero(folder: Path, chance: random.Random) -> set[int]:
    path = folder / f"step-00000300{chance.choice(('.pt', '.json'))}"
    content = bytearray(path.read_bytes())
    begin = chance.randrange(len(content) - 20)
    content[begin : begin + 20] = bytes(20)
    path.write_bytes(content)
    return {300}


def lengthen(folder: Path, chance: random.Random) -> set[int]:
    path = folder / f"step-00000300{chance.choice(('.pt', '.json'))}"
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randint(1, 50)))
    return {300}


def swap(folder: Path, chance: random.Random) -> set[int]:
    suffix = chance.choice((".pt", ".json"))
    other = chance.choice((100, 200))
    first, second = folder / f"step-00000300{suffix}", folder / f"step-{other:08d}{suffix}"
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    return {300, other}


def rename(folder: Path, chance: random.Random) -> set[int]:
    later = chance.randint(301, 999)
    for suffix in (".pt", ".json"):
        (folder / f"step-00000300{suffix}").rename(folder / f"step-{later:08d}{suffix}")
    return {300}


def lose(folder: Path, chance: random.Random) -> set[int]:
    (folder / "step-00000300.pt").unlink()
    return {300}


KINDS: list[Callable[[Path, random.Random], set[int]]] = [
    flip,
    flip,
    truncate,
    zero,
    lengthen,
    swap,
    rename,
    lose,
]


@pytest.mark.parametrize(
    "num_corruptions", [60, pytest.param(NUM_CORRUPTIONS, marks=pytest.mark.fault)]
)
def test_every_random_corruption_is_detected_and_the_newest_sound_one_used(
    sound: Path, tmp_path: Path, num_corruptions: int
) -> None:
    for seed in range(num_corruptions):
        chance = random.Random(seed)
        path = tmp_path / str(seed)
        shutil.copytree(sound, path)
        spoil = KINDS[seed % len(KINDS)]
        spoilt = spoil(path, chance)
        num_files = len(tree(path))
        loaded = CheckpointFolder(path).newest_valid()
        assert loaded is not None
        expected = max(set(STEPS) - spoilt)
        assert (loaded.info.position.step, loaded.content) == (expected, content_of(expected))
        assert loaded.notices[-1] == f"The one of step {expected} is used instead."
        assert all("is damaged" in notice for notice in loaded.notices[:-1])
        assert len(tree(path)) == num_files
        assert any(name.startswith("damaged/") for name in tree(path))


def test_with_every_checkpoint_corrupted_none_is_used(sound: Path) -> None:
    for step in STEPS:
        flip_bit(sound / f"step-{step:08d}.pt", step)
    with pytest.raises(CheckpointDamagedError):
        CheckpointFolder(sound).newest_valid()
