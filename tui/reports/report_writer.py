"""A report in the form that somebody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import utc_now
from mnist_tui.tui.reports.html_page import as_html
from mnist_tui.tui.reports.markdown_report import as_markdown
from mnist_tui.tui.reports.report_assembly import document_of, gather
from mnist_tui.tui.reports.report_data import report_csv, report_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.reports.report_assembly import Gathered


def written(gathered: Gathered, form: str) -> str:
    """Return the content of a file whose name ends with `form`: html, md, csv or json.

    Raises:
        StorageError: A session's files cannot be read any more.
    """
    match form:
        case "html":
            return as_html(document_of(gathered))
        case "md":
            return as_markdown(document_of(gathered))
        case "csv":
            return report_csv(gathered)
        case _:
            return report_json(gathered)


def html_report(home: Home, records: Sequence[SessionRecord]) -> str:
    """Return the report of one session or more as HTML, written now.

    Raises:
        StorageError: Files cannot be read.
    """
    return written(gather(home, records, written_at=utc_now()), "html")
