"""The pictures of the README: they are there, stand alone, and say what the terminal says."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pyte
import pytest

from tests.pictures.scenes import SCENES, Scene
from tests.pictures.svg import picture

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MAX_BYTES = 60_000


def drawn(text: str) -> str:
    """Return the picture of a small terminal on which `text` was written."""
    screen = pyte.Screen(20, 3)
    pyte.Stream(screen).feed(text)
    return picture(screen, "a <small> screen")


def test_characters_stand_there_escaped_and_the_title_says_what_is_shown() -> None:
    root = ET.fromstring(drawn("a<b & c>d"))
    texts = "".join(root.itertext())
    assert "a<b & c>d" in texts
    assert "a <small> screen" in texts


def test_colours_bold_and_reverse_are_those_of_the_terminal() -> None:
    svg = drawn("\x1b[38;2;1;2;3mred\x1b[0m \x1b[1mbold\x1b[0m \x1b[7;38;2;4;5;6mback\x1b[0m")
    assert re.search(r'<g fill="#010203"><text [^>]*>red<', svg)
    assert re.search(r'<g class="b"><text [^>]*>bold<', svg)
    assert "#040506" in svg
    assert "#040506" not in drawn("back")


def test_a_text_is_as_wide_as_its_cells_and_begins_where_they_do() -> None:
    svg = drawn("  two  \x1b[4mlines\x1b[0m\r\n 世界")
    assert '<text x="16" y="12" textLength="24">two<' in svg
    assert '<g class="u"><text x="56" y="12" textLength="40">lines<' in svg
    assert '<text x="8" y="28" textLength="32">世界<' in svg


def test_bars_and_lines_touch_their_neighbours() -> None:
    svg = drawn("██▌─")
    assert '<rect x="0" y="0" width="16" height="16"' in svg
    assert '<rect x="16" y="0" width="4" height="16"' in svg
    assert "M28 8L24 8M28 8L32 8" in svg


def test_a_curve_is_drawn_and_not_left_to_a_font() -> None:
    assert "⠉" not in drawn("⠉⠒⠤")
    assert len(drawn("⠉⠒⠤")) > len(drawn(""))


def test_the_readme_shows_pictures_that_are_made() -> None:
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"docs/pictures/(\S+?)\.svg", readme))
    assert shown
    assert shown <= {scene.name for scene in SCENES}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_picture_is_there_small_and_needs_nothing_from_elsewhere(scene: Scene) -> None:
    path = FOLDER / f"{scene.name}.svg"
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < MAX_BYTES
    assert ET.fromstring(text).tag.endswith("svg")
    links = re.findall(r"(?:href|src|url)\W", text.replace("http://www.w3.org/2000/svg", ""))
    assert links == []
    assert "/tmp" not in text
