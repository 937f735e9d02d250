"""Confirmation of an action that cannot be undone; only y confirms."""

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
    """Texts of a confirmation."""

    title: str
    consequence: str
    yes: str
    """The label of y."""


class Confirm(Modal[bool]):
    """Dialog that returns True for y, and False for every other answer, enter included."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,enter,q", "answer(False)", "no"),
    ]

    def __init__(self, question: Confirmation) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
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
