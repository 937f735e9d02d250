"""Presets in the form, which can be undone without losing typed text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_PRESET = "none"


class PresetFilling:
    """Texts that a preset has set, and the texts before."""

    def __init__(self) -> None:
        self.chosen = NO_PRESET
        self._before: dict[str, str] = {}
        self._put: Mapping[str, str] = {}

    def choose(self, preset: str, typed: Mapping[str, str]) -> dict[str, str]:
        """Return the texts to set by field; an empty text leaves a field open.

        Texts of the previous preset are removed unless they were changed since.

        Args:
            preset: A name, or NO_PRESET.
            typed: The current texts of the form.
        """
        if preset == self.chosen:
            return {}
        changes = {
            name: self._before.get(name, "")
            for name, text in self._put.items()
            if typed.get(name) == text
        }
        put = PRESETS[preset].parameters if preset in PRESETS else {}
        stands = {**typed, **changes}
        self._before = {name: stands.get(name, "") for name in put}
        self._put = put
        self.chosen = preset
        return changes | dict(put)
