"""Pickers of one entry, or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from mnist_tui.tui.modals.modal import Modal
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

_MOVES: tuple[Binding, ...] = (
    Binding("j", "cursor_down", show=False),
    Binding("k", "cursor_up", show=False),
)


class _Options(OptionList):
    BINDINGS: ClassVar[list[BindingType]] = [*_MOVES]

    def action_page_down(self) -> None:
        """Go a page down, unless a tiny terminal leaves the list no height: Textual would fail."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]

    def action_page_up(self) -> None:
        """Go a page up."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]


class _Selections(SelectionList[str]):
    BINDINGS: ClassVar[list[BindingType]] = [
        *_MOVES,
        Binding("enter", "screen.take", show=False, priority=True),
    ]


class PickOne(Modal[str]):
    """Dialog that returns the chosen entry; None if cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "close")]

    def __init__(self, title: str, entries: Mapping[str, str], chosen: str = "") -> None:
        """Make the dialog.

        Args:
            title: What is chosen.
            entries: The words of each entry, by what is returned for it.
            chosen: The entry that has the cursor at first.
        """
        super().__init__()
        self._title = title
        self._entries = entries
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        options = [
            Option(Content(printable(text)), id=name) for name, text in self._entries.items()
        ]
        with Vertical(id="box"):
            yield Static(Content.styled(self._title, "bold"))
            yield _Options(*options, compact=True)
            yield Static(Content.styled("enter takes it, escape closes", "$text-muted"))

    def on_mount(self) -> None:
        """Put the cursor on the current choice."""
        names = list(self._entries)
        if self._chosen in names:
            self.query_one(_Options).highlighted = names.index(self._chosen)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class PickSeveral(Modal[tuple[str, ...]]):
    """Dialog that returns the selected entries in their order; None if cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "close")]

    def __init__(self, title: str, entries: Mapping[str, str], ticked: Sequence[str]) -> None:
        """Make the dialog.

        Args:
            title: What is chosen.
            entries: The words of each entry, by what is returned for it.
            ticked: The entries ticked at first.
        """
        super().__init__()
        self._title = title
        self._entries = entries
        self._ticked = ticked

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        rows = [
            Selection(Content(printable(text)), name, name in self._ticked)
            for name, text in self._entries.items()
        ]
        with Vertical(id="box"):
            yield Static(Content.styled(self._title, "bold"))
            yield _Selections(*rows, compact=True)
            yield Static(
                Content.styled("space ticks, enter takes them, escape closes", "$text-muted")
            )

    def action_take(self) -> None:
        """Close with what is ticked."""
        ticked = set(self.query_one(_Selections).selected)
        self.dismiss(tuple(name for name in self._entries if name in ticked))
