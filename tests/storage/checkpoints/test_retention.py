from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.storage.checkpoints.retention import to_delete
from mnist_tui.storage.records import CheckpointInfo, Position


def checkpoint(step: int, *, is_best: bool = False, name: str = "") -> CheckpointInfo:
    return CheckpointInfo(
        file=f"step-{step:08d}.pt",
        num_bytes=1,
        sha256="",
        position=Position(step=step),
        epoch=0.0,
        reason="periodic",
        is_best=is_best,
        generation=1,
        fingerprint={},
        created_at="",
        name=name,
    )


def test_the_two_newest_and_the_newest_best_stay() -> None:
    infos = [checkpoint(step, is_best=step in (1, 3)) for step in range(7)]
    assert [info.position.step for info in to_delete(infos)] == [0, 1, 2, 4]


def test_few_checkpoints_all_stay() -> None:
    assert to_delete([]) == []
    assert to_delete([checkpoint(1)]) == []
    assert to_delete([checkpoint(1), checkpoint(2)]) == []


def test_one_with_a_name_stays_and_takes_no_place_of_another() -> None:
    infos = [checkpoint(step, name="kept" if step in (0, 4) else "") for step in range(5)]
    assert [info.position.step for info in to_delete(infos)] == [1]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["", "", "kept"])), max_size=30))
def test_whatever_there_is_the_right_ones_stay(marks: list[tuple[bool, str]]) -> None:
    infos = [
        checkpoint(step, is_best=is_best, name=name) for step, (is_best, name) in enumerate(marks)
    ]
    deleted = to_delete(infos)
    kept = [info for info in infos if info not in deleted]
    unnamed = [info for info in infos if not info.name]
    assert [info for info in kept if not info.name][-2:] == unnamed[-2:]
    assert [info for info in kept if info.name] == [info for info in infos if info.name]
    assert sum(not info.name for info in kept) <= 3
    assert [info for info in infos if info.is_best][-1:] == [info for info in kept if info.is_best][
        -1:
    ]
    assert to_delete(kept) == []
