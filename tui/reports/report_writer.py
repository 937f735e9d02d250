"""A report in the requested format, as a document for people or as data for programs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from mnist_tui.storage.records import utc_now
from mnist_tui.tui.reports.html_page import as_html
from mnist_tui.tui.reports.outlier_report import OutlierResult
from mnist_tui.tui.reports.outlier_section import outlier_overview
from mnist_tui.tui.reports.overview_section import overview_sections
from mnist_tui.tui.reports.report_curves import ReportCharts
from mnist_tui.tui.reports.report_data import read_report_data, report_csv, report_json
from mnist_tui.tui.reports.report_document import Document, as_markdown
from mnist_tui.tui.reports.session_section import session_sections
from mnist_tui.tui.reports.study_report import study_section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.report_data import ReportData
    from mnist_tui.tui.text.table import Section


def write_report(data: ReportData, file_format: str) -> str:
    """Return the content of a file in a format: html, md, csv or json.

    Raises:
        StorageError: A session's files have become unreadable.
    """
    match file_format:
        case "html":
            return as_html(report_document(data))
        case "md":
            return as_markdown(report_document(data))
        case "csv":
            return report_csv(data)
        case _:
            return report_json(data)


def html_report(home: Home, records: Sequence[SessionRecord]) -> str:
    """Return the report of one or more sessions as HTML.

    Raises:
        StorageError: Files cannot be read.
    """
    return write_report(read_report_data(home, records, written_at=utc_now()), "html")


def report_document(data: ReportData) -> Document:
    """Return the report as a document for HTML or Markdown.

    Raises:
        StorageError: A session's files have become unreadable.
    """
    origin = f"Written by mnist-tui {_program_version()} at {data.written_at}."
    return Document(data.title, origin, tuple(_sections(data)))


def _sections(data: ReportData) -> Iterator[Section]:
    charts = ReportCharts(data.home)
    if data.study is not None:
        yield study_section(data.study)
    if len(data.reports) > 1:
        yield from overview_sections(data.reports, data.values, data.differing, charts)
        yield from outlier_overview(
            [result for result in data.outliers if isinstance(result, OutlierResult)]
        )
    for report, values, outliers in zip(data.reports, data.values, data.outliers, strict=True):
        figures = charts.of_session(report.record)
        yield from session_sections(report, values, figures, outliers, data.differing)


def _program_version() -> str:
    try:
        return version("mnist-tui")
    except PackageNotFoundError:
        return "unknown"
