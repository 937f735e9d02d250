"""One question before something that cannot be taken back; only y says yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mnist_tui.tui.modals.modal import Modal

if TYPE_CHECKING:
    from textual.app import ComposeResult


@dataclass(frozen=True)
class Confirmation:
    """What is asked."""

    title: str
    consequence: str
    yes: str
    """The word for going ahead."""


class Confirm(Modal[bool]):
    """Asks; y is yes, everything else that answers is no, enter included."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,enter,q", "answer(False)", "no"),
    ]

    def __init__(self, question: Confirmation) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Make the box."""
        with Vertical(id="box"):
            yield Static(Content.styled(self._question.title, "bold"), id="title")
            yield Static(Content(self._question.consequence), id="consequence")
            yield Static(
                Content.assemble(
                    ("y", "bold $error"), f" {self._question.yes}     ",
                    ("n", "bold $accent"), " leave it as it is",
                )
            )  # fmt: skip

    def action_answer(self, is_yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(is_yes)
