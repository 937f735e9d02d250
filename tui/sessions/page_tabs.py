"""The line that names the pages of a session and says which one is in sight."""

from __future__ import annotations

from textual.content import Content

TABS = (
    "charts", "model", "parameters", "checkpoints", "log", "history", "predictions", "confusion",
    "outliers",
)  # fmt: skip
"""The pages in the order of their numbers."""
_SHORT = {
    "parameters": "params",
    "checkpoints": "saves",
    "predictions": "images",
    "confusion": "matrix",
}


def tab_line(chosen: str, width: int) -> Content:
    """Return a line of all pages; in few cells with shorter names, or numbers alone.

    Args:
        chosen: The page in sight.
        width: Cells there are.
    """
    for names, edge, gap in (
        (TABS, " ", " "),
        (tuple(_SHORT.get(name, name) for name in TABS), "", ""),
        (tuple(name if name == chosen else "" for name in TABS), " ", ""),
    ):
        line = _line(names, TABS.index(chosen), edge, gap)
        if line.cell_length <= width:
            return line
    return line


def number_of(name: str) -> str:
    """Return the key of a page."""
    return str(TABS.index(name) + 1)


def _line(names: tuple[str, ...], chosen: int, edge: str, gap: str) -> Content:
    parts = [
        Content.styled(
            f" {f'{place + 1} {name}'.strip()}{edge}",
            "bold $accent reverse" if place == chosen else "",
        )
        for place, name in enumerate(names)
    ]
    return Content(gap).join(parts)
