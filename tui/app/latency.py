"""What lets a key be answered at once although charts are painted beside it."""

from __future__ import annotations

import os
import sys

FRAMES_PER_S = 240
"""Textual may draw at times of such a grid, one of which it misses after every frame.

With its usual 60 a key that follows a frame waits for up to 33 ms. No more is drawn: there is a
frame only where something has changed and nothing else waits to be done.
"""
SWITCH_S = 0.0005
"""How long a thread that paints may keep the interpreter from one that has a key to answer."""


def begin() -> None:
    """Answer promptly from now on; before Textual is imported, which reads this once."""
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES_PER_S))
    sys.setswitchinterval(SWITCH_S)
