"""The checkpoints of one session: data first, then the manifest that makes it valid.

What the bytes mean is the engine's affair. Nothing is read before its size, nor returned before
its SHA-256, matches the manifest; what does not match is moved to `damaged/` and never deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import atomic
from mnist_tui.storage.atomic import remove_leftovers, sync_folder, write_new
from mnist_tui.storage.checkpoints.checkpoint_files import make_data, make_valid
from mnist_tui.storage.checkpoints.checkpoint_manifest import (
    CHECKPOINT_FORMAT,
    DATA_SUFFIX,
    FILE_NAME,
    MANIFEST_SUFFIX,
    read_manifest,
)
from mnist_tui.storage.checkpoints.retention import to_delete
from mnist_tui.storage.errors import CheckpointDamagedError, StorageError, failure
from mnist_tui.storage.folders import PRIVATE_FOLDER, unused_path
from mnist_tui.storage.records import CheckpointInfo, Position, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_CHECKPOINT_BYTES = 4 * 1024**3
DAMAGED = "damaged"


@dataclass(frozen=True)
class Loaded:
    """A checkpoint whose bytes are those that were saved."""

    info: CheckpointInfo
    content: bytes
    notices: list[str]
    """A sentence for each newer checkpoint that was passed over."""


class CheckpointFolder:
    """The folder `path`, written by the one worker that owns the session."""

    def __init__(self, path: Path, max_bytes: int = MAX_CHECKPOINT_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes

    def save(
        self,
        content: bytes,
        *,
        position: Position,
        epoch: float,
        reason: str,
        is_best: bool,
        generation: int,
        fingerprint: dict[str, Any],
        name: str = "",
    ) -> CheckpointInfo:
        """Store `content` and return its manifest once both are durable.

        Raises:
            DiskFullError: There is no room; all earlier checkpoints are as they were.
            StorageError: Nothing was stored for another reason.
        """
        if len(content) > self.max_bytes:
            raise StorageError(
                f"The checkpoint of step {position.step:,} has {len(content):,} bytes, more than"
                f" the limit of {self.max_bytes:,}; train a smaller model."
            )
        sha256 = hashlib.sha256(content).hexdigest()
        with _explained(f"The checkpoint of step {position.step:,} cannot be saved in", self.path):
            self._make()
            data = make_data(self.path, position.step, lambda path: write_new(path, content))
            info = CheckpointInfo(
                file=data.name,
                num_bytes=len(content),
                sha256=sha256,
                position=position,
                epoch=epoch,
                reason=reason,
                is_best=is_best,
                generation=generation,
                fingerprint=fingerprint,
                created_at=utc_now(),
                name=name,
                format=CHECKPOINT_FORMAT,
            )
            make_valid(data, info)
        return info

    def manifests(self) -> list[CheckpointInfo]:
        """Return the checkpoints by their manifests, newest last; damaged ones are left out.

        Raises:
            StorageError: They cannot be read or a newer version wrote them.
        """
        with _explained("The checkpoints cannot be read in", self.path):
            return self._read_manifests()[0]

    def best(self) -> CheckpointInfo | None:
        """Return the newest checkpoint that was the best when it was saved."""
        return next((info for info in reversed(self.manifests()) if info.is_best), None)

    def load(self, info: CheckpointInfo) -> bytes:
        """Return the bytes of one checkpoint.

        Raises:
            CheckpointDamagedError: They are not the ones that were saved.
            StorageError: They cannot be read or a newer version wrote them.
        """
        path = self.path / info.file
        if info.num_bytes > self.max_bytes:
            raise CheckpointDamagedError(f"it has more than {self.max_bytes:,} bytes")
        try:
            with path.open("rb") as file:
                num_bytes = os.fstat(file.fileno()).st_size
                if num_bytes != info.num_bytes:
                    raise CheckpointDamagedError(
                        f"it has {num_bytes:,} bytes, not {info.num_bytes:,}"
                    )
                content = file.read(info.num_bytes)
        except FileNotFoundError:
            raise CheckpointDamagedError("its data is missing") from None
        if hashlib.sha256(content).hexdigest() != info.sha256:
            raise CheckpointDamagedError("its checksum does not match")
        return content

    def newest_valid(self, take: Callable[[bytes], None] | None = None) -> Loaded | None:
        """Return the newest sound checkpoint, moving damaged ones aside; None if there is none.

        Args:
            take: Makes use of the bytes; one that it refuses as damaged counts as such.

        Raises:
            CheckpointDamagedError: There are checkpoints, but all of them are damaged.
            StorageError: They cannot be read or a newer version wrote them.
        """
        with _explained("The checkpoints cannot be read in", self.path):
            infos, damaged = self._read_manifests()
            notices = [self._set_aside(data, why) for data, why in damaged]
            for info in reversed(infos):
                data = self.path / info.file
                try:
                    content = self.load(info)
                    if take is not None:
                        take(content)
                except CheckpointDamagedError as error:
                    if not data.with_suffix(MANIFEST_SUFFIX).exists():
                        # Its owner let it go because there are newer ones by now.
                        return self.newest_valid(take)
                    notices.append(self._set_aside(data, str(error)))
                else:
                    if notices:
                        notices.append(f"The one of step {info.position.step:,} is used instead.")
                    return Loaded(info, content, notices)
        if notices:
            raise CheckpointDamagedError(
                f"All checkpoints in {self.path} are damaged; they are kept in its folder"
                f" {DAMAGED}, and to resume once more begins again at step 0."
            )
        return None

    def prune(self) -> list[CheckpointInfo]:
        """Delete the checkpoints that retention lets go and return them.

        One whose file has the wrong size does not count as kept. What cannot be deleted now is
        tried again at the next call.
        """
        sound = [info for info in self.manifests() if self._has_its_size(info)]
        deleted = []
        for info in to_delete(sound):
            with contextlib.suppress(OSError):
                data = self.path / info.file
                data.with_suffix(MANIFEST_SUFFIX).unlink()
                deleted.append(info)
                data.unlink()
        self.clean_leftovers()
        return deleted

    def clean_leftovers(self) -> int:
        """Delete what unfinished saves and deletions left and return how many files that were."""
        num_removed = remove_leftovers(self.path)
        for data in self._data_paths(DATA_SUFFIX):
            if not data.with_suffix(MANIFEST_SUFFIX).exists():
                with contextlib.suppress(OSError):
                    data.unlink()
                    num_removed += 1
        return num_removed

    def _make(self) -> None:
        """Make the folder, but not the session's folder around it: that one may be removed."""
        if not self.path.is_dir():
            self.path.mkdir(mode=PRIVATE_FOLDER)
            sync_folder(self.path.parent)

    def _read_manifests(self) -> tuple[list[CheckpointInfo], list[tuple[Path, str]]]:
        """Return the sound manifests, newest last, and (data file, why) of the damaged ones."""
        infos, damaged = [], []
        for data in self._data_paths(MANIFEST_SUFFIX):
            try:
                found = read_manifest(data.with_suffix(MANIFEST_SUFFIX))
            except FileNotFoundError:
                continue
            if isinstance(found, str):
                damaged.append((data, found))
            else:
                infos.append(found)
        return sorted(infos, key=_age), damaged

    def _data_paths(self, suffix: str) -> list[Path]:
        """Return the data files of which a file with `suffix` is here."""
        try:
            found = [
                path.with_suffix(DATA_SUFFIX)
                for path in self.path.iterdir()
                if path.suffix == suffix
            ]
        except FileNotFoundError:
            return []
        return sorted(data for data in found if FILE_NAME.fullmatch(data.name))

    def _set_aside(self, data: Path, why: str) -> str:
        """Move a damaged checkpoint aside and return a sentence about it."""
        folder = self.path / DAMAGED
        manifest = data.with_suffix(MANIFEST_SUFFIX)
        try:
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            # The data first: a manifest alone is still seen, data alone would be cleaned away.
            with contextlib.suppress(FileNotFoundError):
                data.rename(unused_path(folder / data.name))
            manifest.rename(unused_path(folder / manifest.name))
            sync_folder(self.path)
        except OSError as error:
            return (
                f"The checkpoint {data} is damaged ({why}) and could not be moved to {folder}"
                f" ({atomic.reason(error)})."
            )
        return f"The checkpoint {data.name} is damaged ({why}); it was moved to {folder}."

    def _has_its_size(self, info: CheckpointInfo) -> bool:
        try:
            return (self.path / info.file).stat().st_size == info.num_bytes
        except OSError:
            return False


def _age(info: CheckpointInfo) -> tuple[int, int, bool, str, int]:
    position = info.position
    return (
        position.step,
        position.validated_epochs,
        position.is_tested,
        info.created_at,
        info.generation,
    )


@contextlib.contextmanager
def _explained(what: str, folder: Path) -> Iterator[None]:
    """Turn the system's errors into a sentence that begins with `what`."""
    try:
        yield
    except OSError as error:
        raise failure(
            error,
            f"{what} {folder} ({atomic.reason(error)});"
            " make room or check that the folder is there and yours, then try again.",
        ) from error
