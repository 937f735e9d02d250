"""Which files count as pictures, and the error about one; no pixels here."""

from __future__ import annotations

SUFFIXES = (".png", ".jpg", ".jpeg")


class PictureError(ValueError):
    """The folder or a file in it cannot be used; the text is a sentence for the user."""
