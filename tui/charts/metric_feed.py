"""Feed of metrics: follows the files of sessions and makes charts of them. Call it in a thread."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.tui.charts.chart_model import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.session_files import SessionFiles
    from mnist_tui.tui.charts.chart_model import Chart, ChartView
    from mnist_tui.tui.charts.session_curves import SessionCurves

MAX_OPEN = 16
MAX_LIMITS = 128
MAX_OPEN_BYTES = 48 * 1024**2
"""Limit for the columns of all followed sessions; those on the screen are kept in any case."""


class ChartRequest(NamedTuple):
    """The sessions to draw and the view to draw them in."""

    records: tuple[SessionRecord, ...]
    slots: Mapping[int, int]
    """The slot 0..9 of each session ID."""
    view: ChartView


class _OpenSession:
    """The files of one followed session and the curves made of them."""

    def __init__(self, files: SessionFiles) -> None:
        self._files = files
        self._curves: SessionCurves | None = None

    @property
    def num_bytes(self) -> int:
        """Memory that the columns take."""
        columns = (self._files.columns.split(split) for split in SPLITS)
        return sum(8 * 7 * len(split_columns) for split_columns in columns)

    def read(self, record: SessionRecord) -> SessionCurves:
        """Return the newest curves; the same object while nothing is new.

        Raises:
            StorageError: The files cannot be read.
        """
        has_news = self._files.read()
        curves = self._curves
        if curves is None or has_news or not _is_same(curves.record, record):
            curves = self._curves = self._make_curves(record)
        return curves

    def _make_curves(self, record: SessionRecord) -> SessionCurves:
        from mnist_tui.training.sessions.active_time import ActiveTime  # noqa: PLC0415 — with the next ones
        from mnist_tui.tui.charts.chart_events import chart_events  # noqa: PLC0415 — numpy, 120 ms
        from mnist_tui.tui.charts.session_curves import SessionCurves  # noqa: PLC0415 — the same

        files = self._files
        splits = {split: files.columns.split(split) for split in SPLITS}
        train = splits["train"]
        return SessionCurves(
            record,
            splits,
            chart_events(files.entries, files.infos, train),
            ActiveTime.from_entries(files.entries, cast("Sequence[float]", train.time)),
        )


class MetricFeed:
    """Follows the files of the sessions shown last; safe to call from several threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._open: OrderedDict[int, _OpenSession] = OrderedDict()
        self._limits: dict[tuple[object, ...], tuple[float, float]] = {}
        self._lock = Lock()

    def sessions(self, records: Sequence[SessionRecord]) -> list[SessionCurves]:
        """Return the newest curves of some sessions.

        Raises:
            StorageError: They cannot be read.
        """
        with self._lock:
            curves = [self._opened(record.id).read(record) for record in records]
            self._close_oldest(keep=len(records))
            return curves

    def charts(
        self, request: ChartRequest, sessions: Sequence[SessionCurves], num_columns: Sequence[int]
    ) -> list[Chart]:
        """Return the charts of loss and accuracy.

        Args:
            request: The sessions and the view.
            sessions: Their curves, from `sessions`.
            num_columns: Columns of the plot of each chart.
        """
        from mnist_tui.tui.charts import chart_builder  # noqa: PLC0415 — numpy, 120 ms

        charts: list[Chart] = []
        for metric, columns in zip(METRICS, num_columns, strict=True):
            ids = tuple(record.id for record in request.records)
            key = (ids, metric.name, request.view)
            area = chart_builder.PlotArea(columns, self._limits.get(key))
            if len(sessions) == 1:
                chart = chart_builder.session_chart(metric, sessions[0], request.view, area)
            else:
                chart = chart_builder.overlay_chart(
                    metric, sessions, request.slots, request.view, area
                )
            if chart.curves:
                self._keep_limits(key, (chart.y_axis.lower, chart.y_axis.upper))
            charts.append(chart)
        return charts

    def _keep_limits(self, key: tuple[object, ...], limits: tuple[float, float]) -> None:
        with self._lock:
            self._limits[key] = limits
            if len(self._limits) > MAX_LIMITS:
                del self._limits[next(iter(self._limits))]

    def _opened(self, session_id: int) -> _OpenSession:
        if session_id not in self._open:
            from mnist_tui.storage.results.session_files import SessionFiles  # noqa: PLC0415 — numpy, 120 ms

            self._open[session_id] = _OpenSession(SessionFiles(self._home.session(session_id)))
        self._open.move_to_end(session_id)
        return self._open[session_id]

    def _close_oldest(self, keep: int) -> None:
        while len(self._open) > keep and (
            len(self._open) > MAX_OPEN
            or sum(session.num_bytes for session in self._open.values()) > MAX_OPEN_BYTES
        ):
            self._open.popitem(last=False)


def _is_same(drawn: SessionRecord, record: SessionRecord) -> bool:
    """Return True if two records of a session lead to the same charts."""
    return (
        drawn.state is record.state
        and drawn.name == record.name
        and drawn.parameters == record.parameters
        and drawn.progress.steps_per_epoch == record.progress.steps_per_epoch
    )
