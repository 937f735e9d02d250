"""Safe loading of checkpoints: no code is executed, and no archive grows without limit.

`torch.load` is restricted to tensors and plain values. It does not limit sizes: a few bytes can
declare a tensor of gigabytes, by compression, by strides of 0 or as a bare number.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ENTRIES = 10_000
PLAIN = (bool, int, float, str, type(None))

_UNREADABLE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
)
"""Errors that reading other bytes raises."""


class UntrustedError(ValueError):
    """The bytes are not those of a checkpoint; none of them were executed."""


def load_plain(content: bytes) -> dict[str, Any]:
    """Return the dictionary of plain tensors, numbers, texts, lists and dictionaries in `content`.

    Raises:
        UntrustedError: There is anything else in it, or more than its own size.
    """
    try:
        _require_plain_archive(content)
        loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except UntrustedError:
        raise
    except _UNREADABLE as error:
        raise UntrustedError("it is not a checkpoint; nothing of it was executed") from error
    if type(loaded) is not dict:
        raise UntrustedError(f"it holds a {type(loaded).__name__}, not a dictionary")
    for value in _values(loaded):
        _require_plain_value(value, len(content))
    return loaded


def _require_plain_archive(content: bytes) -> None:
    """Refuse old formats, which may declare any size, and archives that grow when they are read."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise UntrustedError(f"it has {len(entries):,} parts")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise UntrustedError("it is compressed")
    if sum(entry.file_size for entry in entries) > len(content):
        raise UntrustedError("its parts are larger than the whole")


def _values(loaded: dict[str, Any]) -> Iterator[object]:
    """Yield every value once, even if it is referenced several times or in cycles."""
    waiting: list[object] = [loaded]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is dict:
            waiting += [*value.keys(), *value.values()]
        elif type(value) is list:
            waiting += value
        else:
            yield value


def _require_plain_value(value: object, num_bytes: int) -> None:
    if type(value) is torch.Tensor:
        is_plain = value.layout is torch.strided and value.device.type == "cpu"
        if not is_plain or value.numel() * value.element_size() > num_bytes:
            raise UntrustedError("it declares a tensor larger than the whole file")
    elif type(value) not in PLAIN:
        raise UntrustedError(f"it holds a {type(value).__name__}")
