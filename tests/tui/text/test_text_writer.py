"""Tables as aligned text: which columns give way to the width, and how names are cut."""

from __future__ import annotations

import pytest

from mnist_tui.tui.text.abbreviations import abbreviate
from mnist_tui.tui.text.figures import Column, columns
from mnist_tui.tui.text.table import Cell, Facts, Section, Table
from mnist_tui.tui.text.text_writer import page_text, split_text, table_lines, table_text

NAMES = ("sweep-lenet-learning-rate-0.01", "sweep-lenet-learning-rate-0.001")
TABLE = Table(
    "sessions",
    columns("id", "name", "model", "val_accuracy"),
    [(1, NAMES[0], "lenet", 0.9409), (12, NAMES[1], "lenet", None)],
)


def test_without_a_terminal_everything_is_shown() -> None:
    assert table_text(TABLE) == [
        "ID  NAME                             MODEL  VAL %",
        " 1  sweep-lenet-learning-rate-0.01   lenet  94.09",
        "12  sweep-lenet-learning-rate-0.001  lenet      –",
    ]


@pytest.mark.parametrize("width", range(24, 60))
def test_lines_fit_and_names_can_be_told_apart(width: int) -> None:
    lines = table_text(TABLE, width)
    assert max(map(len, lines)) <= width
    assert len(set(lines)) == 3


def test_names_are_cut_before_columns_are_dropped_and_get_the_room_back() -> None:
    assert "MODEL" in table_text(TABLE, 40)[0]
    title, first, _ = table_text(TABLE, 28)
    assert title.split() == ["ID", "NAME", "VAL", "%"]
    assert len(first) == 28


@pytest.mark.parametrize(
    ("names", "width", "shown"),
    [
        (("short", "a-long-name-alone"), 8, ["short", "a-long-…"]),
        (("alpha-one-of-many", "beta-one-of-many"), 8, ["alpha-o…", "beta-on…"]),
        (NAMES, 12, ["swe…ate-0.01", "swe…te-0.001"]),
        (("x" * 20 + "-a-and-more-text", "x" * 20 + "-b-and-more-text"), 10,
         ["xxx…a-and…", "xxx…b-and…"]),
    ],
)  # fmt: skip
def test_what_differs_between_names_is_kept(
    names: tuple[str, ...], width: int, shown: list[str]
) -> None:
    assert list(abbreviate(names, width).values()) == shown


def test_a_joined_column_stands_below_the_heading_of_the_one_before_it() -> None:
    shares = Column("sd", columns("ece")[0].kind, is_joined=True)
    table = Table(
        "", (*columns("name", "val_accuracy"), shares), [("a", 0.5, 0.01), ("b", 1, None)]
    )
    assert table_text(table) == ["NAME       VAL %", "a     50.00 1.00", "b     100.0"]


def test_what_does_not_fit_beside_the_keys_stands_below_them_again() -> None:
    assert split_text(TABLE, 36) == [
        "ID  NAME",
        " 1  sweep-lenet-learning-rate-0.01",
        "12  sweep-lenet-learning-rate-0.001",
        "",
        "ID  MODEL  VAL %",
        " 1  lenet  94.09",
        "12  lenet      –",
        "",
    ]


def test_styled_lines_carry_the_roles_of_their_cells() -> None:
    table = Table("", columns("name", "state"), [("a", Cell("failed", role="bad"))])
    assert table_lines(table) == [
        (("NAME  ", "muted"), ("STATE", "muted")),
        (("a     ", ""), ("failed", "bad")),
    ]


def test_a_page_has_facts_with_labels_and_units_and_leaves_out_empty_texts() -> None:
    facts = Facts(
        "", [*zip(columns("test_accuracy", "mse"), (0.9409, None), strict=True), ("note", ""),
             ("images", "5 train")],
    )  # fmt: skip
    page = page_text([Section("Session #1", (facts,)), Section("Notes", ("One.",))])
    assert page == [
        "Session #1",
        "  test accuracy  94.09 %",
        "  MSE            –",
        "  images         5 train",
        "",
        "Notes",
        "  One.",
    ]
