"""Folders of pictures of three shapes, as a user might have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = ("circle", "cross", "square")


def draw_shapes(folder: Path, count: int, seed: int = 0, kinds: tuple[str, ...] = SHAPES) -> Path:
    """Draw `count` pictures of each shape, dark on white, none like another; return the folder."""
    random = np.random.default_rng(seed)
    for kind in kinds:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            width, height = (int(side) for side in random.integers(40, 70, 2))
            picture = Image.new("RGB", (width, height), "white")
            left, top = (int(place) for place in random.integers(5, 12, 2))
            box = (left, top, left + 24, top + 24)
            draw = ImageDraw.Draw(picture)
            if kind == "circle":
                draw.ellipse(box, fill="black")
            elif kind == "square":
                draw.rectangle(box, fill="navy")
            else:
                draw.line(box, fill="black", width=6)
                draw.line((left, top + 24, left + 24, top), fill="black", width=6)
            ending = "png" if number % 2 else "jpg"
            picture.save(folder / kind / f"{number:03}.{ending}")
    return folder
