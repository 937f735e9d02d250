"""What a page of scored images is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.evaluation.scored_images import Scored
    from mnist_tui.tui.terminal.image_half_blocks import Ink

    ReadPixels = Callable[[NDArray[np.int64]], NDArray[np.uint8] | None]
    """Returns (N, 28, 28) for N numbers of images; None where they cannot be read."""


@dataclass(frozen=True)
class PageInput:
    """One or two models' words on the same images, and the room there is for them."""

    width: int
    """Cells per line."""
    height: int
    """Lines."""
    ink: Ink
    scored: Scored
    pixels: ReadPixels
    other: Scored | None = None
    """What the chosen other session says of the same images."""
    other_name: str = ""
    trouble: str = ""
    """One sentence that the user should read first; empty for none."""
