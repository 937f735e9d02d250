"""What the screen asks of the supervisor, for one session or many; answers are sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training.client import Refused, Unreachable
from training.protocol import Change, Label, Move, Snapshot, Summarize
from tui.formatting import count_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from training.lifecycle import Trigger


class Asker:
    """Sends requests; what was refused is told, what was done shows itself."""

    def __init__(self, request: Callable[..., Awaitable[Any]]) -> None:
        self._request = request

    async def change(self, session_ids: Sequence[int], trigger: Trigger) -> str:
        """Ask for a change of each session and return what was refused, empty for nothing."""
        return await self._ask_all(Change, session_ids, action=trigger)

    async def label(self, session_ids: Sequence[int], **labels: Any) -> str:
        """Set name, tags, note or pin of each session and return what was refused."""
        return await self._ask_all(Label, session_ids, **labels)

    async def move(self, session_id: int, places: int) -> str:
        """Move a session in the queue and return what was refused."""
        return await self._ask_all(Move, [session_id], places=places)

    async def snapshot(self, session_id: int, name: str) -> str:
        """Keep a named checkpoint and return what came of it."""
        try:
            answer = await self._request(Snapshot, session_id=session_id, name=name)
        except (Refused, Unreachable) as error:
            return str(error)
        return f"#{session_id}: checkpoint {name} of step {answer['step']:,} is kept."

    async def layers(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the layers of a model.

        Raises:
            Refused: There is no such model.
            Unreachable: The supervisor is not there.
        """
        summary: dict[str, Any] = await self._request(Summarize, parameters=parameters)
        return summary

    async def _ask_all(self, kind: Any, session_ids: Sequence[int], **fields: Any) -> str:
        refused = []
        for session_id in session_ids:
            try:
                await self._request(kind, session_id=session_id, **fields)
            except (Refused, Unreachable) as error:
                refused.append(str(error))
        if len(refused) > 1:
            return f"{refused[0]} {count_of(len(refused) - 1, 'other')} likewise."
        return refused[0] if refused else ""
