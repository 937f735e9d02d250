"""Updates of the terminal that send what changed and not what stands to the left of it.

Textual crops a changed part of a line only at its right; the rest is most of the bytes on a slow
link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class CroppedUpdate(ChopsUpdate):
    """An update of parts of lines, each sent from its first changed column to its last."""

    def render_segments(self, console: Console) -> str:
        """Return what a terminal is sent for this update."""
        sent: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is not None and first < last:
                    sent.append(Control.move_to(first, y).segment.text)
                    sent.append(strip.crop(first - x, last - x).render(console))
        return "".join(sent)


def cropped(renderable: RenderableType | None) -> RenderableType | None:
    """Return an update that sends less for the same screen; what is no such update as it is."""
    if type(renderable) is ChopsUpdate:
        return CroppedUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
    return renderable
