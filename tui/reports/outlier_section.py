"""Out-of-distribution tests in a report: the answers and scores of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.outlier_tests import list_outlier_tests
from mnist_tui.training.analysis.agreement import agreements
from mnist_tui.tui.reports.outlier_report import (
    answer_table,
    result_name,
    seed_groups,
    shown_of,
    summary_table,
)
from mnist_tui.tui.reports.report_document import Pictures
from mnist_tui.tui.terminal.png import grey_png
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Facts, Section, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_document import Block
    from mnist_tui.tui.text.table import Table

TITLE = "Out-of-distribution images"
MAX_IMAGES = 24
"""Images of each session in a report."""
ANSWER_LABELS = ("image", "taken for", "sure", "with dropout")


def read_outliers(home: Home, record: SessionRecord) -> OutlierResult | str | None:
    """Return the newest test of a session, None without one, a sentence if it is damaged."""
    try:
        newest = next(reversed(list_outlier_tests(home.session(record.id))), None)
        return None if newest is None else shown_of(home, record, newest)
    except StorageError as error:
        return str(error)


def outlier_section(outliers: OutlierResult | str) -> Section:
    """Return the part of a report about the test of one session."""
    if isinstance(outliers, str):
        return Section(TITLE, (printable(outliers, 1_000),), level=3)
    summary, num_known = summary_table([outliers]), f"{outliers.test.num_known:,}"
    facts = Facts(
        f"Scores against {num_known} test images: 1 separates all, 0.5 is chance",
        list(zip(summary.columns, summary.rows[0], strict=True))[2:],
    )
    return Section(TITLE, (facts, _pictures(outliers)), level=3)


def outlier_overview(results: Sequence[OutlierResult]) -> Iterator[Section]:
    """Yield the part about several sessions, if two or more were tested with the same images."""
    by_source: dict[str, list[OutlierResult]] = {}
    for result in results:
        by_source.setdefault(result.test.source_key, []).append(result)
    blocks: list[Block] = []
    for group in by_source.values():
        if len(group) > 1:
            title = f"Answers to {printable(group[0].test.source, 200)}"
            blocks += [summary_table(group)._replace(title=title), *map(_seeds, seed_groups(group))]
    if blocks:
        yield Section(TITLE, tuple(blocks), anchor="outliers")


def _pictures(result: OutlierResult) -> Pictures:
    answers = answer_table([result])
    columns = [
        column._replace(label=label)
        for column, label in zip(answers.columns, ANSWER_LABELS, strict=True)
    ]
    if result.over_passes is None:
        columns.pop()
    rows = [row[: len(columns)] for row in answers.rows[:MAX_IMAGES]]
    captions = []
    for row in rows:
        name, answer, sure, *dropout = map(text_of, columns, row)
        note = f"{sure.strip()} sure{''.join(f', with dropout{text}' for text in dropout)}"
        captions.append((f"{name} taken for {answer}", note))
    count = len(answers.rows)
    selection = f", {MAX_IMAGES} of {count:,}" if count > MAX_IMAGES else ""
    source = printable(result.test.source, 200)
    title = f"{source[:1].upper()}{source[1:]}, and the answers{selection}"
    return Pictures(
        answers._replace(title=title, columns=tuple(columns), rows=rows),
        tuple(captions),
        tuple(
            grey_png(image.tobytes(), IMAGE_SIDE) for image in result.answers.images[: len(rows)]
        ),
    )


def _seeds(group: Sequence[OutlierResult]) -> Table:
    """Return the answers of sessions that differ in their seed alone."""
    answers = answer_table(group)
    agreement = agreements([result.predicted for result in group])
    num_same = sum(image.is_same for image in agreement)
    names = ("image", *map(result_name, group), answers.names[-1])
    title = f"Seeds: the same answer to {num_same} of {len(agreement)} images"
    return answers.select(*names)._replace(title=title)
