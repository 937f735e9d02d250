"""Requests of the screens to the supervisor, with their outcomes as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.client import Refused, Unreachable
from mnist_tui.training.protocol.requests import (
    ChangeState,
    Evaluate,
    KeepCheckpoint,
    Label,
    Move,
    ShowOutliers,
    Summarize,
)
from mnist_tui.tui.state.messages import (
    ChangeRequested,
    EvaluationRequested,
    LabelRequested,
    MoveRequested,
    OutliersRequested,
    SnapshotRequested,
)
from mnist_tui.tui.text.formatting import area, count_of, percent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.image_sources import OutlierSource

Wish = (
    ChangeRequested
    | LabelRequested
    | MoveRequested
    | SnapshotRequested
    | EvaluationRequested
    | OutliersRequested
)


class RequestSender:
    """Sender of requests that returns a sentence for a refusal; successes show on the screen."""

    def __init__(self, request: Callable[..., Awaitable[Any]]) -> None:
        """Create the sender.

        Args:
            request: Sends a request and returns the payload of its reply.
        """
        self.request = request

    async def carry_out(self, wish: Wish) -> str:
        """Send the request of a message and return a sentence for the user, possibly empty."""
        match wish:
            case ChangeRequested(session_ids=session_ids, trigger=trigger):
                return await self._send_all(ChangeState, session_ids, action=trigger)
            case LabelRequested(session_ids=session_ids, labels=labels):
                return await self._send_all(Label, session_ids, **labels)
            case MoveRequested(session_id=session_id, places=places):
                return await self._send_all(Move, [session_id], places=places)
            case SnapshotRequested(session_id=session_id, name=name):
                return await self._snapshot(session_id, name)
            case EvaluationRequested(session_id=session_id):
                return await self._evaluate(session_id)
            case OutliersRequested(session_id=session_id, source=source):
                return await self._show_outliers(session_id, source)

    async def _snapshot(self, session_id: int, name: str) -> str:
        try:
            answer = await self.request(KeepCheckpoint, session_id=session_id, name=name)
        except (Refused, Unreachable) as error:
            return str(error)
        return f"#{session_id}: checkpoint {name} of step {answer['step']:,} is kept."

    async def _evaluate(self, session_id: int) -> str:
        try:
            answer = await self.request(Evaluate, session_id=session_id)
        except (Refused, Unreachable) as error:
            return str(error)
        share, count = percent(answer["accuracy"]), answer["num_images"]
        return f"#{session_id}: {share} % of {count:,} test images are recognised."

    async def _show_outliers(self, session_id: int, source: OutlierSource) -> str:
        try:
            answer = await self.request(ShowOutliers, session_id=session_id, source=source)
        except (Refused, Unreachable) as error:
            return str(error)
        energy, softmax = area(answer["auroc_energy"]), area(answer["auroc_softmax"])
        return f"#{session_id}: AUROC {energy} energy, {softmax} softmax, {answer['source']}."

    async def layers(self, record: SessionRecord) -> dict[str, Any]:
        """Return the layers of a session's model.

        Raises:
            Refused: There is no such model.
            Unreachable: The connection was lost.
        """
        summary: dict[str, Any] = await self.request(
            Summarize,
            parameters=record.parameters,
            data_dir=record.data_dir,
            environment=record.environment,
        )
        return summary

    async def _send_all(self, kind: Any, session_ids: Sequence[int], **fields: Any) -> str:
        refusals = []
        for session_id in session_ids:
            try:
                await self.request(kind, session_id=session_id, **fields)
            except (Refused, Unreachable) as error:
                refusals.append(str(error))
        if len(refusals) > 1:
            return f"{refusals[0]} {count_of(len(refusals) - 1, 'other')} likewise."
        return refusals[0] if refusals else ""
