"""The manifest beside a checkpoint: its `CheckpointInfo` as JSON, with a checksum of itself."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.lines import UNREADABLE, require_known_format
from mnist_tui.storage.records import CheckpointInfo

if TYPE_CHECKING:
    from pathlib import Path

DATA_SUFFIX = ".pt"
MANIFEST_SUFFIX = ".json"
FILE_NAME = re.compile(r"step-[0-9]{8,18}(-[0-9]{1,9})?\.pt")

CHECKPOINT_FORMAT = 1
"""Every format ends with the seal, so that a damaged manifest never passes for a newer one."""

_SEAL = re.compile(rb',"manifest_sha256":"([0-9a-f]{64})"}\n')
_SEAL_BYTES = len(b',"manifest_sha256":""}\n') + 64

_decoder = msgspec.json.Decoder(CheckpointInfo)


def write_manifest(info: CheckpointInfo) -> bytes:
    """Return the content of the manifest: one JSON object whose last field seals the others."""
    body = msgspec.json.encode(info)
    seal = hashlib.sha256(body).hexdigest()
    return body[:-1] + b',"manifest_sha256":"%s"}\n' % seal.encode()


def read_manifest(path: Path) -> CheckpointInfo | str:
    """Return what the manifest says, or half a sentence of why it cannot be trusted.

    Raises:
        OSError: It cannot be read.
        StorageError: A newer version wrote it.
    """
    content = path.read_bytes()
    body, seal = content[:-_SEAL_BYTES] + b"}", _SEAL.fullmatch(content[-_SEAL_BYTES:])
    if seal is None or hashlib.sha256(body).hexdigest().encode() != seal[1]:
        return "its manifest was altered or cut"
    require_known_format(path, body, CHECKPOINT_FORMAT)
    try:
        info = _decoder.decode(body)
    except UNREADABLE:
        return "its manifest cannot be read"
    if info.file != path.with_suffix(DATA_SUFFIX).name:
        return f"its manifest belongs to {info.file}"
    return info
