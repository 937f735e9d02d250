"""Export of a screen to a file: its tables as CSV, JSON or Markdown, its picture as SVG.

CSV cannot hold several tables, so each gets a file of its own that any reader accepts:
`name.csv` holds the first and `name-TITLE.csv` the others. Everything else is one file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason, temp_path
from mnist_tui.tui.reports.table_formats import as_csv, as_json, as_markdown
from mnist_tui.tui.text.formatting import count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.text.table import Table

FORMATS = ("csv", "json", "md", "svg")
"""As the names of files end."""
DRAWN = ("svg", "html")
"""Formats of these, and of reports, whose content is passed in as text."""


class ExportError(ValueError):
    """Nothing was written; the text is a sentence with the reason."""


class WouldOverwriteError(ExportError):
    """The file exists already; `write_export` replaces it if allowed."""


def write_export(
    path: str,
    tables: Sequence[Table],
    drawn: str = "",
    *,
    formats: Sequence[str] = FORMATS,
    may_replace: bool = False,
) -> str:
    """Write tables, a picture or a report in the format that the end of `path` names.

    Args:
        path: The target; `~` is the user's home, other paths begin in the current folder.
        tables: The content of csv, json and md.
        drawn: The content of svg or html.
        formats: The formats that are allowed.
        may_replace: Whether an existing file may be overwritten.

    Returns:
        A sentence that names what was written.

    Raises:
        WouldOverwriteError: The file exists and must not be replaced.
        ExportError: The name has another ending, or the file cannot be written.
    """
    target = target_of(path, formats)
    contents = _contents(target, tables, drawn)
    try:
        for file in contents:
            if file.exists() and not may_replace:
                raise WouldOverwriteError(f"{file} exists already.")
        for file, content in contents.items():
            write_whole(file, content)
    except OSError as error:
        raise cannot_write(file, error) from error
    names = " and ".join(map(str, contents))
    if _format_of(target) in DRAWN:
        return f"Wrote {names}."
    return f"Wrote {names} ({count_of(sum(len(table.rows) for table in tables), 'row')})."


def target_of(path: str, formats: Sequence[str]) -> Path:
    """Return the path of a file whose name ends with one of the formats.

    Raises:
        ExportError: It ends otherwise, or is no valid name.
    """
    target = Path(path.strip())
    if "\0" in path:
        raise ExportError("A file name holds no NUL character.")
    if _format_of(target) not in formats:
        *others, last = (f".{each}" for each in formats)
        endings = f"{', '.join(others)} or {last}" if others else last
        raise ExportError(f"End the name with {endings}.")
    try:
        return target.expanduser()
    except RuntimeError as error:
        raise ExportError(f"There is no home folder {target.parts[0]}.") from error


def cannot_write(file: Path, error: OSError) -> ExportError:
    """Return the error of a file that was not written."""
    return ExportError(
        f"{file} cannot be written ({reason(error)}); choose another folder or name."
    )


def _contents(target: Path, tables: Sequence[Table], drawn: str) -> dict[Path, str]:
    ending = _format_of(target)
    if ending in DRAWN:
        return {target: drawn}
    if not tables:
        raise ExportError("There is no table here yet; svg keeps the picture.")
    if ending == "csv":
        return _csv_files(target, tables)
    return {target: as_json(tables) if ending == "json" else as_markdown(tables)}


def _format_of(target: Path) -> str:
    return target.suffix.lower().removeprefix(".")


def _csv_files(target: Path, tables: Sequence[Table]) -> dict[Path, str]:
    files = {target: as_csv(tables[0])}
    for number, table in enumerate(tables[1:], start=2):
        title = re.sub(r"[^a-z0-9]+", "-", table.title.lower()).strip("-")[:40] or str(number)
        file = target.with_stem(f"{target.stem}-{title}")
        if file in files:
            file = target.with_stem(f"{target.stem}-{title}-{number}")
        files[file] = as_csv(table)
    return files


def write_whole(target: Path, content: str) -> None:
    """Write a file atomically, with the permissions of the user's new files.

    Raises:
        OSError: It could not be written; the previous content is unchanged.
    """
    temp = temp_path(target)
    try:
        with temp.open("x", encoding="utf-8", newline="") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(target)
    finally:
        temp.unlink(missing_ok=True)
