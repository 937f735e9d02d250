"""What the compare screen shows, worked out from files in a thread."""

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
    from mnist_tui.tui.reports.comparison_report import Row


@dataclass(frozen=True)
class ComparisonView:
    """A comparison and its words."""

    comparison: Comparison
    rows: list[Row]
    sentences: dict[int, str]
    """What was changed and what it did, by session ID."""
    notes: list[str]
    accuracy: str
    """The accuracy to converge to, in words."""

    @property
    def baseline_id(self) -> int:
        """The session that differences are taken to."""
        return self.comparison.baseline.record.id


class ComparisonFeed:
    """Follows the files of the sessions compared; one thread at a time may use it."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._measurings: dict[int, StoredResults] = {}
        self._told: tuple[list[Measured], int | None, float | None] | None = None

    def read(
        self, records: Sequence[SessionRecord], baseline_id: int | None, accuracy: float | None
    ) -> ComparisonView | None:
        """Return the comparison as it is now, or None where nothing is new.

        Raises:
            StorageError: Files of a session cannot be read.
        """
        from mnist_tui.training.analysis.comparison import compare  # noqa: PLC0415 — numpy, 120 ms
        from mnist_tui.training.analysis.comparison_sentences import notes, sentence  # noqa: PLC0415 — numpy
        from mnist_tui.tui.reports.comparison_report import accuracy_text, rows_of  # noqa: PLC0415 — numpy

        measured = [self._measuring(record.id).read(record) for record in records]
        if self._told is not None and self._is_told(measured, baseline_id, accuracy):
            return None
        self._told = measured, baseline_id, accuracy
        comparison = compare(measured, baseline_id=baseline_id, accuracy=accuracy)
        return ComparisonView(
            comparison,
            rows_of(comparison),
            {member.record.id: sentence(comparison, member) for member in comparison.members},
            notes(comparison),
            accuracy_text(comparison),
        )

    def _measuring(self, session_id: int) -> StoredResults:
        from mnist_tui.training.analysis.stored_results import StoredResults  # noqa: PLC0415 — numpy, 120 ms

        return self._measurings.setdefault(session_id, StoredResults(self._home, session_id))

    def _is_told(
        self, measured: list[Measured], baseline_id: int | None, accuracy: float | None
    ) -> bool:
        assert self._told is not None
        told, *question = self._told
        is_same = list(map(id, told)) == list(map(id, measured))
        return is_same and question == [baseline_id, accuracy]
