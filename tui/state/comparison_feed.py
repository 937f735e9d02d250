"""Content of the compare screen, read from files in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison import Comparison
    from mnist_tui.training.analysis.comparison_metrics import Measured
    from mnist_tui.training.analysis.stored_results import StoredResults
    from mnist_tui.tui.text.table import Table


@dataclass(frozen=True)
class ComparisonView:
    """A comparison and its texts."""

    comparison: Comparison
    table: Table
    """The rows that any session fills."""
    meanings: dict[str, str]
    """The meaning of each row, by its name."""
    sentences: dict[int, str]
    """The parameters that differ and their effect, by session ID."""
    notes: list[str]
    target: str
    """A phrase that names the accuracy to converge to."""

    @property
    def baseline_id(self) -> int:
        """The session that the others are compared with."""
        return self.comparison.baseline.record.id


class ComparisonFeed:
    """Reader of the files of compared sessions; one thread at a time may use it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._stored: dict[int, StoredResults] = {}
        self._previous: tuple[list[Measured], int | None, float | None] | None = None

    def read(
        self, records: Sequence[SessionRecord], baseline_id: int | None, accuracy: float | None
    ) -> ComparisonView | None:
        """Return the current comparison, or None if nothing has changed.

        Raises:
            StorageError: Files of a session cannot be read.
        """
        from mnist_tui.training.analysis.comparison import compare_sessions  # noqa: PLC0415 — numpy, 120 ms
        from mnist_tui.training.analysis.comparison_sentences import notes, sentence  # noqa: PLC0415 — numpy
        from mnist_tui.tui.reports.comparison_report import (  # noqa: PLC0415 — numpy
            comparison_table,
            measure_meanings,
            measured_rows,
            target_text,
        )

        measured = [self._results(record.id).read(record) for record in records]
        if self._previous is not None and self._is_unchanged(measured, baseline_id, accuracy):
            return None
        self._previous = measured, baseline_id, accuracy
        comparison = compare_sessions(measured, baseline_id=baseline_id, accuracy=accuracy)
        return ComparisonView(
            comparison,
            measured_rows(comparison_table(comparison)),
            measure_meanings(comparison),
            {member.record.id: sentence(comparison, member) for member in comparison.members},
            notes(comparison),
            target_text(comparison),
        )

    def _results(self, session_id: int) -> StoredResults:
        from mnist_tui.training.analysis.stored_results import StoredResults  # noqa: PLC0415 — numpy, 120 ms

        return self._stored.setdefault(session_id, StoredResults(self._home, session_id))

    def _is_unchanged(
        self, measured: list[Measured], baseline_id: int | None, accuracy: float | None
    ) -> bool:
        assert self._previous is not None
        previous, *question = self._previous
        is_same = list(map(id, previous)) == list(map(id, measured))
        return is_same and question == [baseline_id, accuracy]
