"""Outlier tests for pages: as they are read from files, of one session or of several seeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.tui.evaluation.gallery import gallery_page
from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
from mnist_tui.tui.evaluation.outlier_gallery import outlier_gallery
from mnist_tui.tui.evaluation.page_state import PageArea
from mnist_tui.tui.reports.outlier_report import OutlierResult
from mnist_tui.tui.terminal.image_half_blocks import Ink
from tests.storage.outlier_files import small_answers, small_test
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from mnist_tui.storage.results.outlier_tests import OutlierAnswers
    from mnist_tui.tui.evaluation.page_state import DrawnPage, PageState


def shown(session_id: int, answers: OutlierAnswers, **changes: Any) -> OutlierResult:
    """Return what a session answered to three images."""
    test = small_test(num_passes=len(answers.passes), **changes)
    return OutlierResult(make_record(session_id), test, answers, Path("answers.npz"))


def comparison_of(
    *seeds: tuple[int, int, int], has_passes: bool = True, num_tests: int = 1, **changes: Any
) -> OutlierComparison:
    """Return the small test beside what other seeds answered.

    Args:
        *seeds: The classes that each of them gave to the three images; this one gives 8, 0, 8.
        has_passes: Whether the network has dropout; the second image gets different answers then.
        num_tests: How many tests the session has.
        **changes: To the manifest.
    """
    own = shown(7, small_answers(has_passes=has_passes), **changes)
    others = [shown(8 + each, small_answers(*seed)) for each, seed in enumerate(seeds)]
    return OutlierComparison(own, tuple(others), 0, num_tests)


def drawn_outliers(
    state: PageState,
    comparison: OutlierComparison,
    width: int = 79,
    height: int = 20,
    ink: Ink = Ink.SHADES,
) -> DrawnPage:
    """Return the page of an outlier test, by default in a terminal of 80×24."""
    gallery = outlier_gallery(comparison, state)
    return gallery_page(gallery, state, PageArea(width, height, ink), comparison.trouble)
