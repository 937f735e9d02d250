"""How the supervisor begins a run of a study: under a name that is nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.results.study_definitions import keep_run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import KeepStudy


class StudyRunKeeper:
    """Keeps what runs are made by.

    A name is taken while sessions have it, and while the client that began it is still there and
    may yet make them; a run that nothing came of makes room for the next.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._begun: list[tuple[Any, str]] = []

    def keep(
        self,
        request: KeepStudy,
        client: object,
        clients: Collection[object],
        records: Iterable[SessionRecord],
    ) -> str:
        """Begin a run and return its name.

        Args:
            request: What it is made by.
            client: The connection that asks.
            clients: All connections that are open.
            records: All sessions.

        Raises:
            StorageError: The name is no name or taken, or it could not be written.
        """
        self._begun = [(each, run) for each, run in self._begun if each in clients]
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
