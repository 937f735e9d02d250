"""Reads and draws a page as it is wished for, in a thread, and not at all where nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.evaluation.evaluation_reader import EvaluationReader
from mnist_tui.tui.evaluation.page_input import PageInput
from mnist_tui.tui.evaluation.page_state import PageKind, PageState
from mnist_tui.tui.evaluation.scored_page import Page, compose, saying
from mnist_tui.tui.keys.key_rules import find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.evaluation.scored_images import Scored
    from mnist_tui.tui.terminal.image_half_blocks import Ink


@dataclass(frozen=True)
class PageRequest:
    """What a page shall show, and how large."""

    look: PageState
    record: SessionRecord
    other: SessionRecord | None
    """The session that `look` compares with."""
    width: int
    height: int
    ink: Ink
    alike: tuple[SessionRecord, ...] = ()
    """Sessions that differ from this one in their seed alone."""


class PageDrawer:
    """Draws pages, one at a time."""

    def __init__(self, home: Home) -> None:
        self._reader = EvaluationReader(home)
        self._drawn: tuple[object, ...] = ()
        """What the page that was drawn last depends on."""

    def draw(self, wish: PageRequest) -> Page | None:
        """Return the page, or None where it would be the one that was drawn last."""
        try:
            scored, other, trouble = self._read(wish)
        except StorageError as error:
            scored, other, trouble = None, None, str(error)
        size = (wish.width, wish.height, wish.ink)
        basis = (wish.record.id, size, trouble, scored, other)
        if self._drawn == (wish.look, *basis):
            return None
        page = self._page(wish, scored, other, trouble)
        # What was brought back from beyond the edge is what the next wish will say.
        self._drawn = (page.look, *basis)
        return page

    def _read(self, wish: PageRequest) -> tuple[Scored | None, Scored | None, str]:
        """Return what the models of a session and of another one said, and what is wrong."""
        if wish.look.scene is PageKind.PREDICTIONS:
            return self._reader.newest(wish.record), None, ""
        scored = self._reader.evaluation(wish.record)
        if wish.other is None or scored is None:
            return scored, None, ""
        other, name = self._reader.evaluation(wish.other), f"#{wish.other.id}"
        if other is None:
            return (
                scored,
                None,
                f"{name} has no evaluation yet: `mnist-tui evaluate {wish.other.id}`.",
            )
        if not scored.has_images_of(other):
            return scored, None, (
                f"{name} was scored on other images, so there is no difference to show;"
                " choose a session with the same test set."
            )  # fmt: skip
        return scored, other, ""

    def _page(
        self, wish: PageRequest, scored: Scored | None, other: Scored | None, trouble: str
    ) -> Page:
        if scored is None:
            return saying(trouble or _nothing_yet(wish), wish.look, wish.width)
        if wish.other is not None and other is None and wish.look.scene is not PageKind.PREDICTIONS:
            wish = replace(wish, look=replace(wish.look, scene=PageKind.MATRIX))
        complaints: list[str] = []

        def pixels(images: NDArray[np.int64]) -> NDArray[np.uint8] | None:
            if complaints:
                return None
            try:
                return self._reader.pixels(wish.record, images)
            except StorageError as error:
                complaints.append(str(error))
                return None

        name = f"#{wish.other.id}" if wish.other else ""
        sight = PageInput(wish.width, wish.height, wish.ink, scored, pixels, other, name, trouble)
        page = compose(wish.look, sight)
        if complaints and not trouble:
            page = compose(wish.look, replace(sight, trouble=complaints[0]))
        return page


def _nothing_yet(wish: PageRequest) -> str:
    how = (
        f"{find('evaluate').key} scores the test images with the newest checkpoint,"
        f" as `mnist-tui evaluate {wish.record.id}` does"
    )
    if wish.look.scene is PageKind.PREDICTIONS:
        return f"No image has been scored yet: a few are after each epoch; {how}."
    return f"There is no evaluation yet: one is made when the session finishes; {how}."
