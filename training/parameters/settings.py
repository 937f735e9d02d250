"""The settings file: options that the user sets once instead of with every command.

`$XDG_CONFIG_HOME/mnist-tui/settings.toml`; every key is also an option of the command line.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


class SettingsError(ValueError):
    """The settings file cannot be used; the text is a sentence with file and key."""


@dataclass(frozen=True)
class Settings:
    """Keys of the settings file."""

    slots: int = 2
    """Number of sessions that train at the same time."""
    device: str = "auto"
    """Device of new sessions that name none."""
    data_dir: str | None = None
    """Dataset folder in torchvision's layout."""
    mirror: str | None = None
    """URL of a folder to download datasets and pretrained weights from instead of torchvision's."""
    refresh_s: float = 1.0
    """Seconds between two readings of the screen's metrics."""
    theme: str = "dark"
    """Colours of the screens."""
    ascii: bool | None = None
    """True if output is limited to ASCII; None for a decision by locale."""


_RANGES = {"slots": (1, 256), "refresh_s": (0.2, 60.0)}
_TYPES: dict[str, tuple[type, ...]] = {"slots": (int,), "refresh_s": (int, float), "ascii": (bool,)}
"""Every other key is text."""
_EXPECTED: dict[tuple[type, ...], str] = {(str,): "text in quotes", (bool,): "true or false"}


def settings_path() -> Path:
    """Return the path of the settings file."""
    folder = os.environ.get("XDG_CONFIG_HOME")
    return (Path(folder) if folder else Path.home() / ".config") / "mnist-tui" / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings, or the defaults if the file is missing.

    Raises:
        SettingsError: The file is not TOML, or a key is unknown or has an impossible value.
    """
    path = path or settings_path()
    try:
        table = _parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}); correct it or remove it.") from error
    names = [field.name for field in fields(Settings)]
    for key, value in table.items():
        if key not in names:
            raise SettingsError(f"{path}: unknown key {key!r}; known are {', '.join(names)}.")
        _check(path, key, value)
    return Settings(**table)


def _parse(text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 — 4 ms that every command saves without a file

    return tomllib.loads(text)


def _check(path: Path, key: str, value: Any) -> None:
    kinds = _TYPES.get(key, (str,))
    if type(value) not in kinds:
        expected = _EXPECTED.get(kinds, "a number")
        raise SettingsError(f"{path}: {key} must be {expected}, not {value!r}.")
    if key in _RANGES:
        low, high = _RANGES[key]
        if not low <= value <= high:
            raise SettingsError(f"{path}: {key} must be between {low} and {high}, not {value}.")
