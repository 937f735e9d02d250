"""Copying: the terminal is asked by OSC 52 to put text on the clipboard of whoever sits before it.

No terminal answers, so the sentence says what was sent rather than what has arrived.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

MAX_BYTES = 74_994
"""What fits with its frame into the 100,000 bytes of base64 that xterm and tmux take at most."""


def copy(app: App[str], text: str) -> str:
    """Send `text` to the terminal's clipboard; return a sentence that says so, or why not."""
    size = len(text.encode())
    if not text:
        return "There is nothing to copy here."
    if size > MAX_BYTES:
        return f"{size:,} bytes are too much for a terminal's clipboard; w writes them to a file."
    driver = app._driver
    if driver is None or app.is_headless:
        return "There is no terminal whose clipboard could be reached."
    driver.write(sequence(text, is_in_tmux="TMUX" in os.environ))
    lines = text.count("\n") + 1
    what = f"{lines} lines" if lines > 1 else text if len(text) <= 40 else f"{size:,} bytes"
    return f"Copied {what}, if your terminal allows it (OSC 52)."


def sequence(text: str, *, is_in_tmux: bool) -> str:
    """Return what makes a terminal copy `text`."""
    encoded = base64.b64encode(text.encode()).decode("ascii")
    copying = f"\x1b]52;c;{encoded}\x07"
    # tmux takes the plain form where set-clipboard is on, and hands on what is wrapped where
    # allow-passthrough is; each is ignored where it is not wanted.
    wrapped = copying.replace("\x1b", "\x1b\x1b")
    return copying + (f"\x1bPtmux;{wrapped}\x1b\\" if is_in_tmux else "")
