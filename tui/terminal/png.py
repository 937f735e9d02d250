"""Grey images as PNG, without a library: what a report shows fits into its own file."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY_8_BIT = bytes((8, 0, 0, 0, 0))
"""Depth 8, colour type grey, and the only compression, filter and interlace methods needed."""


def grey_png(pixels: bytes, width: int) -> bytes:
    """Return rows of `width` grey values (0 is black) as a PNG file.

    Source: W3C, Portable Network Graphics (PNG) Specification, third edition, sections 5 and 11.
    """
    height = len(pixels) // width
    # Each row begins with the number of its filter: none.
    rows = b"".join(b"\0" + pixels[row * width :][:width] for row in range(height))
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">II", width, height) + _GREY_8_BIT),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
