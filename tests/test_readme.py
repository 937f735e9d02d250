"""The README says what is so: its commands, its keys and its table of parameters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mnist_tui.tui.cli.group import COMMANDS
from mnist_tui.tui.reports.readme_parts import PARTS, part_of, renewed

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_keys_and_parameters_are_those_of_the_program(readme: str, name: str) -> None:
    assert part_of(readme, name) == PARTS[name](), (
        "run `python -m mnist_tui.tui.reports.readme_parts README.md`"
    )


def test_making_the_tables_anew_changes_nothing_else(readme: str) -> None:
    assert renewed(readme) == readme


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


def test_every_file_the_readme_links_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    assert links
    assert all((ROOT / link).exists() for link in links)
