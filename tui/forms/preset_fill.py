"""Filling the form with a preset, and taking it back without losing what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_PRESET = "none"


class PresetFilling:
    """Remembers what a preset put where, and what stood there before."""

    def __init__(self) -> None:
        self.chosen = NO_PRESET
        self._before: dict[str, str] = {}
        self._put: Mapping[str, str] = {}

    def choose(self, preset: str, typed: Mapping[str, str]) -> dict[str, str]:
        """Return what to write into which field; empty text leaves one open.

        What the preset before had put there goes, unless it was changed since.

        Args:
            preset: A name, or NO_PRESET.
            typed: What the form says now.
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
