"""The documentation agrees with the program: commands, keys, parameters, files and packages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mnist_tui.tui.cli.group import COMMANDS
from mnist_tui.tui.cli.reference import PARTS, part_of, renewed
from mnist_tui.tui.keys.key_table import ACTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
MAX_README_LINES = 220


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_the_reference_is_that_of_the_program(name: str) -> None:
    assert part_of(read("docs/reference.md"), name) == PARTS[name](), (
        "run `python -m mnist_tui.tui.cli.reference docs/reference.md`"
    )


def test_renewing_the_reference_changes_nothing_else() -> None:
    page = read("docs/reference.md")
    assert renewed(page) == page


def test_the_readme_is_short_and_has_the_two_commands_of_a_newcomer() -> None:
    readme = read("README.md")
    assert readme.count("\n") <= MAX_README_LINES
    begin = "python3 -m venv .venv && .venv/bin/pip install -e"
    assert f"    {begin} . && .venv/bin/mnist-tui demo\n" in readme
    assert f"    {begin} '.[test]' && .venv/bin/pytest\n" in readme


def test_the_readme_names_every_command_and_no_other() -> None:
    section = read("README.md").partition("## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| (`.+`) \|$", section, re.MULTILINE)
    named = {name.split()[0] for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named == set(COMMANDS)


def test_the_keys_of_the_readme_are_bound_to_actions() -> None:
    section = read("README.md").partition("## The keys you need")[2].partition("\n## ")[0]
    keys = re.findall(r"^\| `(\S+)` \|", section, re.MULTILINE)
    bound = {key for action in ACTIONS for key in action.all_keys.split()}
    assert len(keys) == 12
    assert set(keys) <= bound


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text):
        file = (page.parent / target) if target else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links to {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a Markdown page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:tui|training|storage|tests)/[\w/]+(?:\.py|\.tcss|/))`", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_the_architecture_has_a_line_for_every_package_and_no_other() -> None:
    named = set(re.findall(r"^\| `([\w/]+)/` \|", read("docs/architecture.md"), re.MULTILINE))
    packages = {
        str(init.parent.relative_to(ROOT))
        for folder in ("tui", "training", "storage")
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert named == packages
