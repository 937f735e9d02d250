"""What a request for other labels makes of a session's record, and how the history tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mnist_tui.training.parameters.labels import check_label, check_note, check_tags

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Label


def relabelled(record: SessionRecord, request: Label) -> tuple[SessionRecord, str]:
    """Return the record as asked for and what has changed in it, in words; empty for nothing.

    Raises:
        ValueError: A label cannot be used; the text is half a sentence that says why.
    """
    wanted = {
        name: value
        for name, value in _checked(request).items()
        if value is not None and value != getattr(record, name)
    }
    changed = replace(record, **wanted)
    return changed, "; ".join(_told(name, changed, record) for name in wanted)


def _checked(request: Label) -> dict[str, Any]:
    return {
        "name": None if request.name is None else check_label(request.name),
        "tags": None if request.tags is None else check_tags(request.tags),
        "note": None if request.note is None else check_note(request.note),
        "is_pinned": request.is_pinned,
    }


def _told(name: str, changed: SessionRecord, record: SessionRecord) -> str:
    match name:
        case "name":
            return f"renamed to {changed.name}, was {record.name}"
        case "tags":
            return f"tags: {', '.join(changed.tags)}" if changed.tags else "tags removed"
        case "note":
            return f"note: {changed.note}" if changed.note else "note removed"
        case _:
            return "pinned" if changed.is_pinned else "unpinned"
