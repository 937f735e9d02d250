"""The runs of studies that clients begin, each under a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.results.study_definitions import keep_run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.requests import KeepStudy


class StudyRuns:
    """The names of runs that are taken, and the stored definitions of runs.

    A name is taken while sessions have it, and while the client that began it is connected and may
    yet create them; a run without sessions makes room for the next.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._begun: list[tuple[Any, str]] = []

    def begin(
        self,
        request: KeepStudy,
        client: object,
        clients: Collection[object],
        records: Iterable[SessionRecord],
    ) -> str:
        """Begin a run and return its name.

        Args:
            request: Definition of the run.
            client: The connection that sent it.
            clients: All open connections.
            records: All sessions.

        Raises:
            StorageError: The name is invalid or taken, or it could not be written.
        """
        self._begun = [(owner, run) for owner, run in self._begun if owner in clients]
        taken = {record.study.run for record in records if record.study}
        run = keep_run(
            self._home,
            request.run,
            request.definition,
            request.left_out,
            taken=taken | {run for _, run in self._begun},
            is_numbered=request.is_numbered,
        )
        self._begun.append((client, run))
        return run
