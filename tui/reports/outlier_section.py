"""What a report says of images of no digit: what each model takes them for, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.outlier_tests import list_outlier_tests
from mnist_tui.training.analysis.agreement import agreements
from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.outlier_report import SAME, seed_groups, shown_of
from mnist_tui.tui.reports.report_document import Picture, Pictures, Prose, Section, Table
from mnist_tui.tui.terminal.png import grey_png
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_document import Block

TITLE = "Images of no digit"
MAX_IMAGES = 24
"""As many as a report shows of one session."""


def read_outliers(home: Home, record: SessionRecord) -> OutlierResult | str | None:
    """Return what a session answered in its newest test, None where there was none.

    Where its files are damaged: one sentence that says so.
    """
    try:
        newest = next(reversed(list_outlier_tests(home.session(record.id))), None)
        return None if newest is None else shown_of(home, record, newest)
    except StorageError as error:
        return str(error)


def outlier_section(outliers: OutlierResult | str) -> Section:
    """Return the part about one session."""
    if isinstance(outliers, str):
        return Section(TITLE, (Prose((printable(outliers, 1_000),)),), level=3)
    return Section(TITLE, (_figures(outliers), _pictures(outliers)), level=3)


def outlier_overview(shown: Sequence[OutlierResult]) -> Iterator[Section]:
    """Yield the part about several sessions, where two or more were shown the same images."""
    by_source: dict[str, list[OutlierResult]] = {}
    for each in shown:
        by_source.setdefault(each.test.source_key, []).append(each)
    blocks: list[Block] = []
    for group in by_source.values():
        if len(group) > 1:
            blocks += [_sessions(group), *map(_seeds, seed_groups(group))]
    if blocks:
        yield Section(TITLE, tuple(blocks), anchor="outliers")


def _figures(shown: OutlierResult) -> Table:
    test = shown.test
    rows = [
        ("AUROC of the greatest probability", formatting.area(test.auroc_softmax)),
        ("AUROC of the energy score", formatting.area(test.auroc_energy)),
        ("mean greatest probability %", formatting.percent(float(shown.greatest.mean()))),
        ("answered most often", _most_frequent(shown)),
        ("the same answer with dropout active", _same_passes(shown)),
    ]
    caption = f"Told from {test.num_known:,} test images: 1 apart, 0.5 by chance"
    return Table(caption, ("measure", "value"), tuple(rows))


def _pictures(shown: OutlierResult) -> Pictures:
    passes = shown.over_passes
    pictures = []
    for place, name in enumerate(shown.test.names[:MAX_IMAGES]):
        answer = printable(shown.class_name(shown.predicted[place]))
        sure = formatting.percent(float(shown.greatest[place]))
        agreed = "" if passes is None else _answers(shown, passes[place].answers)
        title = f"{printable(name, 100)} taken for {answer}"
        dropout = f", with dropout {agreed}" if agreed else ""
        png = grey_png(shown.answers.images[place].tobytes(), IMAGE_SIDE)
        cells = (printable(name, 100), answer, sure, agreed or formatting.ABSENT)
        pictures.append(Picture(title, f"{sure} % sure{dropout}", cells, png))
    count = len(shown.test.names)
    of = f", {MAX_IMAGES} of {count:,}" if count > MAX_IMAGES else ""
    source = printable(shown.test.source, 200)
    caption = f"{source[:1].upper()}{source[1:]}, and what they are taken for{of}"
    return Pictures(caption, ("image", "taken for", "sure %", "with dropout"), tuple(pictures))


def _sessions(group: Sequence[OutlierResult]) -> Table:
    rows = tuple(
        (
            report_values.name_of(each.record),
            formatting.area(each.test.auroc_softmax),
            formatting.area(each.test.auroc_energy),
            formatting.percent(float(each.greatest.mean())),
            _most_frequent(each),
            _same_passes(each),
        )
        for each in group
    )
    columns = (
        "session", "AUROC softmax", "AUROC energy", "mean greatest %",
        "answered most often", "same with dropout",
    )  # fmt: skip
    return Table(f"What models make of {printable(group[0].test.source, 200)}", columns, rows)


def _seeds(group: Sequence[OutlierResult]) -> Table:
    """Return what sessions that differ in their seed alone answer to each image."""
    found = agreements([each.predicted for each in group])
    rows = tuple(
        (
            printable(name, 100),
            *(printable(group[0].class_name(number)) for number in agreement.answers),
            "yes" if agreement.is_same else "no",
        )
        for name, agreement in zip(group[0].test.names, found, strict=True)
    )
    num_same = sum(agreement.is_same for agreement in found)
    ids = [f"#{each.record.id}" for each in group]
    caption = f"Seeds: the same answer to {num_same} of {len(found)} images"
    return Table(caption, ("image", *ids, "the same"), rows)


def _most_frequent(shown: OutlierResult) -> str:
    number, count = shown.most_frequent
    return f"{printable(shown.class_name(number))}, {count} of {len(shown.test.names)}"


def _same_passes(shown: OutlierResult) -> str:
    passes = shown.over_passes
    if passes is None:
        return "no dropout"
    return f"{sum(each.is_same for each in passes)} of {len(passes)}"


def _answers(shown: OutlierResult, numbers: Sequence[int]) -> str:
    """Return what several passes answer to one image, in a word where it is the same."""
    if len(set(numbers)) == 1:
        return SAME
    return " ".join(printable(shown.class_name(number)) for number in numbers)
