"""Stored definitions of a study's runs: written once, found again, never in another's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.storage.results.study_definitions import (
    MAX_RUN_NAME,
    check_run_name,
    keep_run,
    read_run,
)
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home

DEFINITION = {"name": "rates", "rows": [{"label": "small"}]}


def keep(home: Home, name: str = "rates", taken: tuple[str, ...] = (), **given: bool) -> str:
    is_numbered = given.get("is_numbered", True)
    return keep_run(home, name, DEFINITION, {"large": "no."}, taken=taken, is_numbered=is_numbered)


def test_a_run_is_kept_and_read_again(home: Home) -> None:
    assert keep(home) == "rates"
    kept = read_run(home, "rates")
    assert kept is not None
    assert (kept.definition, kept.left_out) == (DEFINITION, {"large": "no."})


def test_a_taken_name_gets_the_next_number_or_is_refused(home: Home) -> None:
    assert keep(home, taken=("rates", "rates-2")) == "rates-3"
    assert keep(home, "Other", taken=("other",)) == "Other-2"
    with pytest.raises(StorageError, match=r"a study rates .* already; choose --name"):
        keep(home, taken=("rates",), is_numbered=False)


def test_what_nothing_came_of_is_written_over(home: Home) -> None:
    assert [keep(home), keep(home)] == ["rates", "rates"]
    assert [path.name for path in home.studies.iterdir()] == ["rates.json"]


def test_a_long_name_makes_room_for_its_number(home: Home) -> None:
    name = "x" * MAX_RUN_NAME
    assert keep(home, name, taken=(name,)) == f"{name[:-2]}-2"


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", ".hidden", "-x", "a\n", "ä", "x" * 41])
def test_what_is_no_name_of_a_run_is_refused(home: Home, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 40 letters"):
        check_run_name(name)
    with pytest.raises(StorageError, match="Nothing was made"):
        keep(home, name)
    assert not home.studies.exists()


def test_an_unknown_or_damaged_run_is_none(home: Home) -> None:
    assert read_run(home, "rates") is None
    keep(home)
    path = home.studies / "rates.json"
    path.rename(path.with_name("renamed.json"))
    assert read_run(home, "renamed") is None
    (home.studies / "cut.json").write_bytes(b'{"run": "cut", "definiti')
    assert read_run(home, "cut") is None


def test_a_run_of_a_newer_version_is_refused_with_a_sentence(home: Home) -> None:
    home.studies.mkdir()
    (home.studies / "new.json").write_bytes(b'{"format": 99, "run": "new"}\n')
    with pytest.raises(StorageError, match="newer"):
        read_run(home, "new")


def test_a_full_disk_leaves_no_half_a_run(home: Home) -> None:
    with full_disk(10), pytest.raises(DiskFullError, match="cannot be written"):
        keep(home)
    assert list(home.studies.iterdir()) == []
