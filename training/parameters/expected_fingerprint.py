"""Expected fingerprint of the next worker of a session, as far as it is known without torch."""

from __future__ import annotations

import os
import platform
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets import dataset_folder
from mnist_tui.storage.errors import StorageError
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord

CPU_CAPABILITIES = (
    ("AVX512", {"avx512vl", "avx512bw", "avx512dq", "fma"}),
    ("AVX2", {"avx2", "fma"}),
)
"""Features torch requires of an x86 processor: aten/src/ATen/native/DispatchStub.cpp."""

NONE = "none"


def present_fingerprint(record: SessionRecord) -> dict[str, Any]:
    """Return the fingerprint of a worker that resumed `record` here and now.

    Properties that only the device reports (the name of a GPU, an instruction set other than x86's)
    are taken to be unchanged; the worker checks them again.
    """
    stored = record.fingerprint
    environment = {**os.environ, **record.environment}
    code_files = [str(file) for file in stored.get("code_files") or ()]
    return {
        **stored,
        "device": _device(record.device or str(stored.get("device"))),
        "device_name": _device_name(stored),
        "machine": platform.machine(),
        "threads": record.parameters.get("threads"),
        # Sessions older than the choice have none.
        **({"precision": _precision(record)} if "precision" in stored else {}),
        **{package: _version(package, stored) for package in ("torch", "numpy")},
        "cpu_capability": cpu_capability(environment) or stored.get("cpu_capability"),
        "onednn_isa": environment.get("ONEDNN_MAX_CPU_ISA", "any"),
        "data": _data(record),
        # Sessions older than user models have none.
        **({"code": code_checksum(code_files)} if "code" in stored else {}),
    }


def code_checksum(files: Sequence[str]) -> str:
    """Return a CRC-32 over the files of a user's model; NONE without files or if one is missing."""
    crc = 0
    try:
        for file in files:
            crc = zlib.crc32(Path(file).read_bytes(), crc)
    except OSError:
        return NONE
    return f"{crc:08x}" if files else NONE


def processor_name() -> str:
    """Return the processor's model name."""
    names = (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name"))
    return next(names, platform.processor())


def cpu_capability(environment: Mapping[str, str]) -> str | None:
    """Return the instruction set that torch would choose on x86; None on other machines."""
    chosen = environment.get("ATEN_CPU_CAPABILITY", "").upper()
    if chosen in ("DEFAULT", *(name for name, _ in CPU_CAPABILITIES)):
        return chosen
    lines = (line.partition(":")[2] for line in _cpuinfo() if line.startswith("flags"))
    flags = set(next(lines, "").split())
    if platform.machine() not in ("x86_64", "AMD64") or not flags:
        return None
    return next((name for name, needed in CPU_CAPABILITIES if needed <= flags), "DEFAULT")


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _precision(record: SessionRecord) -> Any:
    precision = record.parameters.get("precision")
    return record.fingerprint["precision"] if precision == "auto" else precision


def _device(device: str) -> str:
    kind = device.partition(":")[0]
    # On WSL the driver has no files of its own kind in /dev.
    has_driver = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists()
    return NONE if kind == "cuda" and not has_driver else kind


def _device_name(stored: Mapping[str, Any]) -> Any:
    return processor_name() if stored.get("device") == "cpu" else stored.get("device_name")


def _data(record: SessionRecord) -> str:
    data_dir = Path(record.data_dir)
    try:
        choice = SplitChoice.of(record.parameters)
        name = record.parameters["dataset"]
        if choice.takes_all:
            return dataset_folder.checksum(data_dir, name)
        from mnist_tui.training.parameters.splits import checksum  # noqa: PLC0415 — numpy, 60 ms that most sessions save

        return checksum(data_dir, name, choice)
    except (StorageError, SplitError, OSError, KeyError):
        return NONE


def _version(package: str, stored: Mapping[str, Any]) -> str:
    """Return the installed version; with the stored build, such as +cpu, if it names none."""
    try:
        installed = version(package)
    except PackageNotFoundError:
        return NONE
    before = str(stored.get(package, ""))
    if "+" not in installed and before.partition("+")[0] == installed:
        return before
    return installed
