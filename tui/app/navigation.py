"""Which screen a wish opens; each is imported when it is first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.state.messages import (
    DataOpened,
    DevicesOpened,
    FormRequested,
    SessionOpened,
    SessionsCompared,
    StudyOpened,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.forms.form_draft import Draft, Drafts
    from mnist_tui.tui.screens.base import SizedScreen
    from mnist_tui.tui.state.services import AppServices

Opening = (
    SessionOpened | SessionsCompared | DevicesOpened | DataOpened | StudyOpened | FormRequested
)


class Opener:
    """Makes screens over one desk."""

    def __init__(
        self,
        desk: AppServices,
        drafts: Drafts,
        take_created: Callable[[Draft, list[SessionRecord]], None],
    ) -> None:
        """Make the opener.

        Args:
            desk: What every screen works with.
            drafts: What was typed into forms that were left.
            take_created: Takes the sessions that a form has made.
        """
        self._desk = desk
        self._drafts = drafts
        self._take_created = take_created

    def screen_for(self, wish: Opening) -> SizedScreen:
        """Return the screen that was wished for."""
        match wish:
            case SessionOpened(session_id=session_id):
                from mnist_tui.tui.screens.session import (  # noqa: PLC0415 — 15 ms after the first frame
                    SessionScreen,
                )

                return SessionScreen(self._desk, session_id)
            case SessionsCompared(session_ids=session_ids):
                from mnist_tui.tui.screens.compare import (  # noqa: PLC0415 — 20 ms after the first frame
                    CompareScreen,
                )

                return CompareScreen(self._desk, session_ids)
            case DevicesOpened():
                from mnist_tui.tui.screens.devices import (  # noqa: PLC0415 — 10 ms after the first frame
                    DevicesScreen,
                )

                return DevicesScreen(self._desk)
            case DataOpened():
                from mnist_tui.tui.screens.data import DataScreen  # noqa: PLC0415 — after the first frame

                return DataScreen(self._desk, wish)
            case StudyOpened(run=run):
                from mnist_tui.tui.screens.study import StudyScreen  # noqa: PLC0415 — numpy, when asked for

                return StudyScreen(self._desk, run)
            case FormRequested(clone_of=clone_of):
                return self._form(clone_of)

    def _form(self, clone_of: SessionRecord | None) -> SizedScreen:
        from mnist_tui.tui.screens.new_session import (  # noqa: PLC0415 — 20 ms after the first frame
            NewSessionScreen,
            Surroundings,
        )

        board = self._desk.board
        surroundings = Surroundings(
            self._desk.asker.request,
            # What trains like another session finds the same images.
            Path(clone_of.data_dir) if clone_of and clone_of.data_dir else self._desk.data_dir,
            self._desk.home.path,
            lambda: list(board.records.values()),
            self._take_created,
        )
        names = [record.name for record in board.records.values()]
        return NewSessionScreen(surroundings, self._drafts.of(clone_of, names))
