"""From the files of sessions to a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.training.analysis.comparison import ask
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.parameter_differences import differing
from mnist_tui.training.analysis.session_report import read_report
from mnist_tui.training.studies.study_results import measure
from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.outlier_section import outlier_overview, read_outliers
from mnist_tui.tui.reports.overview_section import overview_sections
from mnist_tui.tui.reports.report_charts import ReportCharts
from mnist_tui.tui.reports.report_document import Document
from mnist_tui.tui.reports.session_section import own_version, session_sections
from mnist_tui.tui.reports.study_section import study_section
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.training.studies.study_table import StudyTable
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_document import Section


@dataclass(frozen=True)
class Gathered:
    """What is known of the sessions of a report."""

    home: Home
    reports: tuple[SessionReport, ...]
    """One or more, in the order asked for."""
    values: tuple[dict[str, float | None], ...]
    """The figures of each, by the names of `training.analysis.comparison_metrics.METRICS`."""
    outliers: tuple[OutlierResult | str | None, ...]
    """What each answered to images of no digit, from `read_outliers`."""
    differing: tuple[str, ...]
    """The parameters of which there are several values."""
    title: str
    written_at: str
    """RFC 3339 UTC."""
    study: StudyTable | None = None
    """The study whose sessions they are, where it is asked for."""


def gather(
    home: Home, records: Sequence[SessionRecord], *, written_at: str, run: str = ""
) -> Gathered:
    """Read the files of one session or more.

    Args:
        home: Where they are.
        records: Their records.
        written_at: Now, RFC 3339 UTC.
        run: The run of a study whose sessions they are; empty for none.

    Raises:
        StorageError: Files cannot be read.
    """
    reports = tuple(read_report(home, record) for record in records)
    measured = [report.measured for report in reports]
    question = ask(measured)
    values = tuple(
        {metric.name: metric.value(each, question) for metric in METRICS} for each in measured
    )
    study = measure(home, run, records) if run else None
    of = (
        report_values.name_of(records[0])
        if len(records) == 1
        else count_of(len(records), "session")
    )
    title = f"Report on {printable(run) or of}"
    return Gathered(
        home,
        reports,
        values,
        tuple(read_outliers(home, record) for record in records),
        differing(records),
        title,
        written_at,
        study,
    )


def document_of(gathered: Gathered) -> Document:
    """Return the report to be written as HTML or Markdown.

    Raises:
        StorageError: A session's files cannot be read any more.
    """
    origin = f"Written by mnist-tui {own_version()} at {gathered.written_at}."
    return Document(gathered.title, origin, tuple(_sections(gathered)))


def _sections(gathered: Gathered) -> Iterator[Section]:
    figures = ReportCharts(gathered.home)
    if gathered.study is not None:
        yield study_section(gathered.study)
    if len(gathered.reports) > 1:
        yield from overview_sections(gathered.reports, gathered.values, gathered.differing, figures)
        shown = [
            each for each in gathered.outliers if each is not None and not isinstance(each, str)
        ]
        yield from outlier_overview(shown)
    for report, values, outliers in zip(
        gathered.reports, gathered.values, gathered.outliers, strict=True
    ):
        charts = figures.of_session(report.record)
        yield from session_sections(report, values, charts, outliers, gathered.differing)
