"""Parser for the TOML of a study, which reports all problems at once."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.results.study_definitions import check_run_name
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.studies.findings import findings
from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.training.studies.study_definition import (
    Study,
    StudyError,
    StudyRow,
    check_seeds,
    problems_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_ROWS = 100
MAX_SESSIONS = 500
"""Sessions of one study."""
MAX_TEXT = 1_000
MAX_BYTES = 40_000
"""Size of a study as JSON, so that it fits into one request."""


def parse_study(text: str, where: str) -> Study:
    """Return the study described by TOML.

    Args:
        text: The file's content.
        where: The name of the file in the problems.

    Raises:
        StudyError: With every problem, each naming row and field.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyError([f"{where} is not TOML: {error}."]) from None
    reader = _Reader()
    study = reader.read(table)
    problems = reader.problems or list(problems_of(study))
    if not problems and len(msgspec.json.encode(study)) > MAX_BYTES:
        problems = [f"has more text than the {MAX_BYTES:,} bytes a study may have"]
    if problems:
        raise StudyError([f"{where}: {problem}." for problem in problems])
    return study


class _Reader:
    """Reader of the tables of a definition, which collects the problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, table: Mapping[str, Any]) -> Study:
        names = [name for name in Study.__struct_fields__ if name != "changes"]
        self._refuse_unknown(table, names, "")
        name = self._text(table, "name", is_needed=True)
        self._try("name", lambda: check_run_name(name))
        parameters = self._table(table, "parameters", "")
        columns = self._names(table, "columns", COLUMNS) or ("test_accuracy",)
        rows = self._rows(table)
        for place, given in [("", parameters), *((row.label, row.parameters) for row in rows)]:
            if "seed" in given:
                self._tell(place, "seed", "cannot be set; seeds has them")
        seeds: tuple[int, ...] = (0,)
        if "seeds" in table:
            seeds = self._try("seeds", lambda: check_seeds(_as_list(table["seeds"]))) or seeds
        if len(rows) * len(seeds) > MAX_SESSIONS:
            self._tell("", "rows", f"and seeds make more than {MAX_SESSIONS} sessions")
        return Study(
            name=name,
            title=self._text(table, "title", is_needed=True),
            source=self._text(table, "source"),
            parameters=parameters,
            rows=tuple(rows),
            columns=columns,
            seeds=seeds,
            findings=self._names(table, "findings", findings()),
            remarks=self._remarks(table),
        )

    def _rows(self, table: Mapping[str, Any]) -> list[StudyRow]:
        given = table.get("rows")
        is_list = isinstance(given, list) and all(isinstance(row, dict) for row in given)
        if not is_list or not given:
            self._tell("", "rows", "needs one or more tables, each begun with [[rows]]")
            return []
        if len(given) > MAX_ROWS:
            self._tell("", "rows", f"has {len(given):,}; {MAX_ROWS} at most")
            return []
        rows = [self._row(number, row) for number, row in enumerate(given, start=1)]
        labels = [row.label.casefold() for row in rows]
        for row in rows:
            if labels.count(row.label.casefold()) > 1:
                self._tell(row.label, "label", "stands there twice")
        return rows

    def _row(self, number: int, table: Mapping[str, Any]) -> StudyRow:
        label = table.get("label")
        place = label if isinstance(label, str) else str(number)
        self._refuse_unknown(table, StudyRow.__struct_fields__, place)
        if not isinstance(label, str):
            self._tell(place, "label", "is missing; give it a text in quotes")
        else:
            place = self._try("label", lambda: check_label(label, "label"), place) or place
        published: dict[str, float] = {}
        for name, figure in self._table(table, "published", place).items():
            if name not in COLUMNS:
                known = ", ".join(COLUMNS)
                self._tell(place, f"published {name}", f"unknown column; known are {known}")
                continue
            read = COLUMNS[name].read_published
            value = self._try(f"published {name}", lambda read=read, it=figure: read(it), place)
            if value is not None:
                published[name] = value
        parameters = self._table(table, "parameters", place)
        return StudyRow(label=place, parameters=parameters, published=published)

    def _refuse_unknown(self, table: Mapping[str, Any], known: Sequence[str], place: str) -> None:
        for key in table:
            if key not in known:
                self._tell(place, key, f"unknown key; known are {', '.join(known)}")

    def _text(self, table: Mapping[str, Any], key: str, *, is_needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self._tell("", key, f"needs a text in quotes of at most {MAX_TEXT:,} characters")
            return ""
        if is_needed and not value.strip():
            self._tell("", key, "is missing; give it a text in quotes")
        return value.strip()

    def _table(self, table: Mapping[str, Any], key: str, place: str) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self._tell(place, key, "needs a table, as in { epochs = 3 }")
        return {}

    def _names(
        self, table: Mapping[str, Any], key: str, known: Mapping[str, object]
    ) -> tuple[str, ...]:
        given = _as_list(table.get(key, []))
        names = dict.fromkeys(name for name in given if isinstance(name, str) and name in known)
        for name in given:
            if not isinstance(name, str) or name not in names:
                self._tell("", key, f"unknown {str(name)[:40]!r}; known are {', '.join(known)}")
        return tuple(names)

    def _remarks(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        given = _as_list(table.get("remarks", []))
        if not all(isinstance(each, str) and len(each) <= MAX_TEXT for each in given):
            self._tell("", "remarks", "needs a list of texts in quotes")
            return ()
        return tuple(given)

    def _try(self, key: str, read: Any, place: str = "") -> Any:
        try:
            return read()
        except ValueError as error:
            self._tell(place, key, str(error))
        return None

    def _tell(self, place: str, key: str, problem: str) -> None:
        row = f"row {place!r}, " if place else ""
        self.problems.append(f"{row}{key}: {problem}")


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
