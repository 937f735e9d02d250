"""Grey images as PNG files, for terminals and for reports that contain their images."""

from __future__ import annotations

from io import BytesIO


def grey_png(pixels: bytes, width: int) -> bytes:
    """Return rows of `width` grey values (0 is black) as a PNG file."""
    from PIL import Image  # noqa: PLC0415 — 20 ms, only for images

    content = BytesIO()
    Image.frombytes("L", (width, len(pixels) // width), pixels).save(content, "PNG", optimize=True)
    return content.getvalue()
