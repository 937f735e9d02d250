"""Drawer of the pages of scored images: reads what a page shows, and draws it only if it changed.

It loads numpy and reads files: make and call it in a thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.evaluation.answer_reader import AnswerReader
from mnist_tui.tui.evaluation.gallery import gallery_page
from mnist_tui.tui.evaluation.matrix_page import matrix_page
from mnist_tui.tui.evaluation.outlier_gallery import outlier_gallery
from mnist_tui.tui.evaluation.page_state import PageKind, sentence_page
from mnist_tui.tui.evaluation.scored_gallery import scored_gallery
from mnist_tui.tui.evaluation.scored_images import ScoredPair
from mnist_tui.tui.keys.key_rules import find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.evaluation.page_state import DrawnPage, PageArea, PageState
    from mnist_tui.tui.evaluation.scored_images import Scored


class PageRequest(NamedTuple):
    """The page to draw, and the space for it."""

    state: PageState
    record: SessionRecord
    other: SessionRecord | None
    """The session that the state compares with."""
    area: PageArea
    alike: tuple[SessionRecord, ...] = ()
    """Sessions that differ from this one only in their seed."""


class _Answers(NamedTuple):
    """The answers read for a page; equal as long as the files are unchanged."""

    scored: Scored | None = None
    other: Scored | None = None
    outliers: OutlierComparison | None = None
    trouble: str = ""


class PageDrawer:
    """Draws pages, one at a time."""

    def __init__(self, home: Home) -> None:
        self._reader = AnswerReader(home)
        self._drawn: tuple[object, ...] = ()
        """Everything that the page drawn last depends on."""

    def draw(self, request: PageRequest) -> DrawnPage | None:
        """Return the page, or None if it is the one drawn last."""
        try:
            answers = self._read(request)
        except StorageError as error:
            answers = _Answers(trouble=str(error))
        basis = (request.record.id, request.area, answers)
        if self._drawn == (request.state, *basis):
            return None
        page = self._page(request, answers)
        # The next request has the state of this page, with its place within the edge.
        self._drawn = (page.state, *basis)
        return page

    def _read(self, request: PageRequest) -> _Answers:
        record, other, kind = request.record, request.other, request.state.kind
        if kind is PageKind.OUTLIERS:
            outliers = self._reader.outliers(record, request.alike, request.state.tests_back)
            return _Answers(outliers=outliers)
        if kind is PageKind.PREDICTIONS:
            return _Answers(self._reader.newest(record))
        scored = self._reader.evaluation(record)
        if other is None or scored is None:
            return _Answers(scored)
        compared = self._reader.evaluation(other)
        if compared is None:
            hint = f"`mnist-tui evaluate {other.id}`"
            return _Answers(scored, trouble=f"#{other.id} has no evaluation yet: {hint}.")
        if not scored.has_images_of(compared):
            return _Answers(scored, trouble=(
                f"#{other.id} was scored on other images, so there is no difference to show;"
                " choose a session with the same test set."
            ))  # fmt: skip
        return _Answers(scored, compared)

    def _page(self, request: PageRequest, answers: _Answers) -> DrawnPage:
        state, area = request.state, request.area
        if comparison := answers.outliers:
            state = replace(state, tests_back=comparison.tests_back)
            gallery = outlier_gallery(comparison, state)
            return gallery_page(gallery, state, area, comparison.trouble)
        if answers.scored is None:
            return sentence_page(answers.trouble or _nothing_yet(request), state, area.width)
        if request.other and not answers.other and state.kind is not PageKind.PREDICTIONS:
            state = replace(state, kind=PageKind.MATRIX)
        complaints: list[str] = []

        def pixels(images: NDArray[np.int64]) -> NDArray[np.uint8] | None:
            if complaints:
                return None
            try:
                return self._reader.pixels(request.record, images)
            except StorageError as error:
                complaints.append(str(error))
                return None

        name = f"#{request.other.id}" if request.other else ""
        pair = ScoredPair(answers.scored, pixels, answers.other, name)
        page = draw_scored(pair, state, area, answers.trouble)
        if complaints and not answers.trouble:
            page = draw_scored(pair, state, area, complaints[0])
        return page


def draw_scored(pair: ScoredPair, state: PageState, area: PageArea, trouble: str = "") -> DrawnPage:
    """Return the matrix or the gallery that a state shows."""
    if state.shows_matrix:
        return matrix_page(pair, state, area, trouble)
    return gallery_page(scored_gallery(pair, state), state, area, trouble)


def _nothing_yet(request: PageRequest) -> str:
    session_id = request.record.id
    if request.state.kind is PageKind.OUTLIERS:
        return (
            "No out-of-distribution images have been tested with this model yet:"
            f" {find('outliers').key} tests letters and signs, your own pictures or another"
            f" dataset, as `mnist-tui outliers {session_id}` does."
        )
    how = (
        f"{find('evaluate').key} scores the test images with the newest checkpoint,"
        f" as `mnist-tui evaluate {session_id}` does"
    )
    if request.state.kind is PageKind.PREDICTIONS:
        return f"No image has been scored yet: a few are after each epoch; {how}."
    return f"There is no evaluation yet: one is made when the session finishes; {how}."
