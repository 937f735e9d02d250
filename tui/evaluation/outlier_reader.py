"""Outlier tests read from the files of their sessions; answers once, as long as they stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.outlier_tests import list_outlier_tests
from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
from mnist_tui.tui.reports.outlier_report import shown_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.outlier_tests import OutlierTest
    from mnist_tui.tui.reports.outlier_report import OutlierResult

MAX_KEPT = 12
"""Tests whose answers are kept: those of a session, of its seeds, and of its neighbours."""
Key = tuple[int, int, str, str]


class OutlierReader:
    """Reads tests and keeps what stays as it is; for one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._shown: dict[Key, OutlierResult] = {}
        self._asked: OutlierComparison | None = None
        self._asked_key: tuple[object, ...] = ()

    def asked(
        self, record: SessionRecord, alike: Sequence[SessionRecord], tests_back: int
    ) -> OutlierComparison | None:
        """Return one of a session's tests; the same object as long as nothing changed.

        Args:
            record: The session.
            alike: Those that differ from it in their seed alone.
            tests_back: How many newer tests to pass over; after the oldest the newest is next.

        Raises:
            StorageError: It is damaged or cannot be read.
        """
        tests = self._tests(record)
        if not tests:
            return None
        tests_back %= len(tests)
        test = tests[-1 - tests_back]
        others = [(each, found) for each in alike if (found := self._same_images(each, test))]
        key = (
            _key(record, test), tests_back, len(tests), *(_key(*other) for other in others)
        )  # fmt: skip
        if self._asked is None or key != self._asked_key:
            own = self._read(record, test)
            seeds, trouble = self._read_seeds(own, others)
            self._asked = OutlierComparison(own, seeds, tests_back, len(tests), trouble)
            self._asked_key = key
        return self._asked

    def _tests(self, record: SessionRecord) -> list[OutlierTest]:
        return list_outlier_tests(self._home.session(record.id))

    def _same_images(self, record: SessionRecord, test: OutlierTest) -> OutlierTest | None:
        """Return the newest test of another session with the same images."""
        wanted = (test.source_key, test.names)
        return next(
            (each for each in reversed(self._tests(record))
             if (each.source_key, each.names) == wanted),
            None,
        )  # fmt: skip

    def _read_seeds(
        self, own: OutlierResult, others: Sequence[tuple[SessionRecord, OutlierTest]]
    ) -> tuple[tuple[OutlierResult, ...], str]:
        seeds, trouble = [], ""
        for record, test in others:
            try:
                shown = self._read(record, test)
            except StorageError as error:
                trouble = f"#{record.id} is left out: {error}"
                continue
            if shown.answers.probabilities.shape == own.answers.probabilities.shape:
                seeds.append(shown)
        return tuple(seeds), trouble

    def _read(self, record: SessionRecord, test: OutlierTest) -> OutlierResult:
        key = _key(record, test)
        if key not in self._shown:
            shown = shown_of(self._home, record, test)
            if not shown.answers.probabilities.size:
                raise StorageError(f"{shown.path} has no answers; show the images once more.")
            while len(self._shown) >= MAX_KEPT:
                del self._shown[next(iter(self._shown))]
            self._shown[key] = shown
        return self._shown[key]


def _key(record: SessionRecord, test: OutlierTest) -> Key:
    return record.id, test.step, test.sha256, test.created_at
