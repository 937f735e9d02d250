"""ASCII output: a readable mark of the same width for every character.

One place for all output: it is the encoding of the standard streams, so that whatever is written
there, by a command or by the screens, leaves the process as bytes below 0x7f.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

ENCODING = "mnist_tui_ascii"
UNKNOWN = "?"
VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""Variables that name the terminal's encoding; the first that is set counts."""

_WRITTEN_AS = {
    # Bars, the cursor mark, sparklines and scrollbars.
    **dict(zip("█▉▊▋▌▍▎▏▐░▒▓", "#>>>>>|||.:%", strict=True)),
    **dict(zip("▁▂▃▄▅▆▇▀▔", "_.-=+*%^^", strict=True)),
    # States.
    **dict(zip("…▷▶‖□■×✗✓○", "~}>=D%xXv0", strict=True)),
    # Points and events of curves, the direction of a sort.
    **dict(zip("•◆◇●▲△▼▽★☆✚▪▣◀◁▾▴", "o$&@A^VY*+t=B<{v^", strict=True)),
    # Lines; what remains of their kind is a corner or a crossing.
    **dict.fromkeys("─━╌┄┈╴╶", "-"),
    **dict.fromkeys("│┃║╎┆┊╵╷", "|"),
    "═": "=",
    # Signs in prose.
    **dict(zip("→←↑↓↔↗↘↺⇧↵–—−·≤≥≈≠±°µμΔΣσπ∞", "><^v-/\\@^<---.<>~!~'uuDSsp8", strict=True)),
    **dict(zip("‘’“”«»‹›€£", '\'\'""""<>EL', strict=True)),
}
_KINDS = (("\u2190", "\u21ff", ">"), ("\u2500", "\u257f", "+"), ("\u2580", "\u25ff", "#"))
"""Arrows, lines, blocks and shapes without a mark of their own: first, last, mark."""


_OTHERS = re.compile(r"[^\x00-\x7f]")


def to_ascii(text: str) -> str:
    """Return `text` in ASCII, each character in as many columns as it took."""
    return text if text.isascii() else _OTHERS.sub(lambda found: _mark(found[0]), text)


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Return True if an environment requests or needs ASCII."""
    asked = asked_for(environment)
    return is_needed(environment) if asked is None else asked


def asked_for(environment: Mapping[str, str]) -> bool | None:
    """Return the choice of MNIST_TUI_ASCII: True unless it is 0; None if unset."""
    asked = environment.get("MNIST_TUI_ASCII")
    return asked != "0" if asked else None


def is_needed(environment: Mapping[str, str]) -> bool:
    """Return True if the locale names an encoding other than UTF-8."""
    locale = next(filter(None, map(environment.get, VARIABLES)), "UTF-8")
    return "utf8" not in locale.lower().replace("-", "")


def serve(*streams: TextIO) -> None:
    """Restrict `streams` to ASCII."""
    codecs.register(_find_codec)
    for stream in streams:
        # Not "ascii" itself, which click takes for a misconfigured terminal and goes around.
        stream.reconfigure(encoding=ENCODING)  # type: ignore[attr-defined]


def release(*streams: TextIO) -> None:
    """End the restriction of `streams` by `serve`."""
    for stream in streams:
        if stream.encoding == ENCODING:
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[attr-defined]


def _find_codec(name: str) -> codecs.CodecInfo | None:
    if name != ENCODING:
        return None
    return codecs.CodecInfo(
        _encode, codecs.ascii_decode, incrementalencoder=_Encoder,
        incrementaldecoder=codecs.getincrementaldecoder("ascii"), name=name,
    )  # fmt: skip


def _encode(text: str, _errors: str = "strict") -> tuple[bytes, int]:
    return to_ascii(text).encode("ascii"), len(text)


class _Encoder(codecs.IncrementalEncoder):
    def encode(self, text: str, _final: bool = False) -> bytes:
        return _encode(text)[0]


@cache
def _mark(character: str) -> str:
    if known := _WRITTEN_AS.get(character):
        return known
    if "\u2800" <= character <= "\u28ff":
        return _braille(ord(character) - 0x2800)
    if unicodedata.category(character) in ("Mn", "Me"):
        return ""
    width = 1 + (unicodedata.east_asian_width(character) in "WF")
    for first, last, mark in _KINDS:
        if first <= character <= last:
            return mark * width
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return letters if len(letters) == width and letters.isprintable() else UNKNOWN * width


def _braille(dots: int) -> str:
    """Return a mark for a pattern of dots by their place and number."""
    if not dots:
        return " "
    upper, lower = dots & 0b00011011, dots & 0b11100100
    if not lower:
        return "'"
    if not upper:
        return "."
    return ":" if dots.bit_count() <= 5 else "#"
