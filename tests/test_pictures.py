"""The pictures of the README: they are there, stand alone, and say what the terminal says."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pyte
import pytest

from tests.pictures.scenes import SCENES
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


def test_a_curve_is_drawn_and_not_left_to_a_font() -> None:
    assert "⠉" not in drawn("⠉⠒⠤")
    assert len(drawn("⠉⠒⠤")) > len(drawn(""))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_picture_is_there_small_and_needs_nothing_from_elsewhere(scene: object) -> None:
    path = FOLDER / f"{scene.name}.svg"  # type: ignore[attr-defined]
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < MAX_BYTES
    assert ET.fromstring(text).tag.endswith("svg")
    links = re.findall(r"(?:href|src|url)\W", text.replace("http://www.w3.org/2000/svg", ""))
    assert links == []
    assert "/tmp" not in text
