"""Navigation: the screen that each message opens, imported when it is first needed."""

from __future__ import annotations

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
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.forms.form_draft import Draft, Drafts
    from mnist_tui.tui.state.services import AppServices

Opening = (
    SessionOpened | SessionsCompared | DevicesOpened | DataOpened | StudyOpened | FormRequested
)


class Opener:
    """Maker of screens over the app's services."""

    def __init__(
        self,
        services: AppServices,
        drafts: Drafts,
        take_created: Callable[[Draft, list[SessionRecord]], None],
    ) -> None:
        """Make the opener.

        Args:
            services: What every screen works with.
            drafts: What was typed into forms that were left.
            take_created: Takes the sessions that a form has made.
        """
        self._services = services
        self._drafts = drafts
        self._take_created = take_created

    def screen_for(self, wish: Opening) -> BaseScreen:
        """Return the screen that a message opens."""
        match wish:
            case SessionOpened(session_id=session_id):
                from mnist_tui.tui.screens.session import (  # noqa: PLC0415 — 15 ms after the first frame
                    SessionScreen,
                )

                return SessionScreen(self._services, session_id)
            case SessionsCompared(session_ids=session_ids):
                from mnist_tui.tui.screens.compare import (  # noqa: PLC0415 — 20 ms after the first frame
                    CompareScreen,
                )

                return CompareScreen(self._services, session_ids)
            case DevicesOpened():
                from mnist_tui.tui.screens.devices import (  # noqa: PLC0415 — 10 ms after the first frame
                    DevicesScreen,
                )

                return DevicesScreen(self._services)
            case DataOpened():
                from mnist_tui.tui.screens.data import DataScreen  # noqa: PLC0415 — after the first frame

                return DataScreen(self._services, wish)
            case StudyOpened(run=run):
                from mnist_tui.tui.screens.study import StudyScreen  # noqa: PLC0415 — numpy, when asked for

                return StudyScreen(self._services, run)
            case FormRequested(clone_of=clone_of):
                return self._form(clone_of)

    def _form(self, clone_of: SessionRecord | None) -> BaseScreen:
        from mnist_tui.tui.screens.new_session import (  # noqa: PLC0415 — 20 ms after the first frame
            NewSessionScreen,
        )

        names = [record.name for record in self._services.board.records.values()]
        return NewSessionScreen(
            self._services, self._drafts.of(clone_of, names), self._take_created
        )
