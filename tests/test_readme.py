"""The README says what is so: its commands, its keys and its table of parameters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.actions import ACTIONS, readable
from tui.cli import COMMANDS
from tui.parameter_table import BEGIN, END, markdown

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_parameters_is_the_one_of_the_program(readme: str) -> None:
    table = readme.partition(f"{BEGIN}\n")[2].partition(END)[0]
    assert table == markdown(), "run `python -m tui.parameter_table README.md`"


def test_the_two_commands_of_a_newcomer_are_there(readme: str) -> None:
    begin = "python3 -m venv .venv && .venv/bin/pip install -e"
    assert f"    {begin} . && .venv/bin/mnist-tui demo\n" in readme
    assert f"    {begin} '.[test]' && .venv/bin/pytest\n" in readme


def test_every_command_is_told_and_every_command_told_exists(readme: str) -> None:
    section = readme.partition("## Commands")[2].partition("\n## ")[0]
    told = {
        name
        for names in re.findall(r"^    mnist-tui ([a-z|]+)", section, re.MULTILINE)
        for name in names.split("|")
    }
    assert told == set(COMMANDS)


def test_every_key_told_is_bound(readme: str) -> None:
    section = readme.partition("## Keys")[2].partition("\n## ")[0]
    told = {
        key
        for cell in re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
        for key in cell.strip("`").split()
    }
    bound = {readable(key) for action in ACTIONS for key in action.keys}
    assert told
    assert told <= bound


def test_every_file_the_readme_links_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    assert links
    assert all((ROOT / link).exists() for link in links)
