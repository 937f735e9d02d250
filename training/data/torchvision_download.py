"""Download of a dataset's files with torchvision, from its mirrors or from a named one."""

from __future__ import annotations

import contextlib
import errno
import gzip
import http.client
import shutil
import socket
import urllib.error
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import siblings, verify_checksums
from mnist_tui.storage.errors import DatasetDamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCAL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})
"""Error numbers of the disk, which no server causes."""


class DownloadError(Exception):
    """The files could not be downloaded; the text is a reason, to be put in brackets."""


def download(
    name: str,
    folder: Path,
    on_progress: Callable[[str], None],
    *,
    mirror: str | None,
    idle_timeout_s: float,
) -> None:
    """Put the four extracted files of dataset `name` into `folder` and check their checksums.

    The others that come in the same archive are put there too.

    Raises:
        DownloadError: No mirror gave the right files.
        OSError: The folder cannot be written.
    """
    import torchvision  # noqa: PLC0415 — 0.5 s, for downloads only

    kind = getattr(torchvision.datasets, str(DATASETS[name].torchvision_class))
    sources = _sources(kind, mirror)
    # A user's mirror may compress in another way, so the extracted files are compared there.
    is_checked_extracted = bool(mirror and DATASETS[name].md5)
    with _socket_timeout(idle_timeout_s):
        for number, (urls, md5) in enumerate(sources, start=1):
            on_progress(f"Downloading {name}: file {number} of {len(sources)}")
            _fetch(
                urls,
                folder,
                md5=None if is_checked_extracted else md5,
                idle_timeout_s=idle_timeout_s,
            )
    if hasattr(kind, "url"):
        on_progress(f"Unpacking {name}")
        _unpack(name, folder)
    try:
        verify_checksums(folder, name)
    except DatasetDamagedError as error:
        raise DownloadError("what came is not the published dataset") from error


def _sources(kind: Any, mirror: str | None) -> list[tuple[list[str], str]]:
    """Return the URLs of each compressed file of a class of torchvision, and its MD5."""
    if hasattr(kind, "url"):  # EMNIST: one archive
        sources = [([kind.url], kind.md5)]
    elif isinstance(kind.resources, dict):  # QMNIST: by split
        files = kind.resources["train"] + kind.resources["test"]
        sources = [([url], md5) for url, md5 in files]
    else:
        sources = [([f"{url}{name}" for url in kind.mirrors], md5) for name, md5 in kind.resources]
    if not mirror:
        return sources
    return [([f"{mirror.rstrip('/')}/{_file_name(urls[0])}"], md5) for urls, md5 in sources]


def _file_name(url: str) -> str:
    return url.rpartition("/")[2]


def _fetch(urls: list[str], folder: Path, *, md5: str | None, idle_timeout_s: float) -> None:
    """Download and extract one file from the first of `urls` that has it."""
    from torchvision.datasets import utils  # noqa: PLC0415 — as in `download`

    failures: list[str] = []
    for url in urls:
        archive = folder / _file_name(url)
        try:
            utils.download_and_extract_archive(url, str(folder), md5=md5, remove_finished=True)
        except _FAILURES as error:
            if _is_local(error):
                raise
            failures.append(f"{url}: {_explain(error, idle_timeout_s)}")
            # torchvision would take the rest of a failed download for a complete one.
            archive.unlink(missing_ok=True)
        else:
            return
    raise DownloadError("; ".join(failures))


def _unpack(name: str, folder: Path) -> None:
    """Extract the files of our datasets from EMNIST's archive of archives."""
    packed = folder / "gzip"
    for sibling in siblings(name):
        for file_name in DATASETS[sibling].files.values():
            try:
                with (
                    gzip.open(packed / f"{file_name}.gz") as source,
                    (folder / file_name).open("wb") as target,
                ):
                    shutil.copyfileobj(source, target)
            except (FileNotFoundError, EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DownloadError(f"the archive has no sound {file_name}.gz") from error
    shutil.rmtree(packed)


_FAILURES: tuple[type[Exception], ...] = (
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
    zlib.error,
    http.client.HTTPException,
    zipfile.BadZipFile,
)


def _is_local(error: Exception) -> bool:
    return (
        isinstance(error, OSError)
        and not isinstance(error, urllib.error.URLError)
        and error.errno in LOCAL_ERRORS
    )


def _explain(error: Any, idle_timeout_s: float) -> str:
    cause = error.reason if type(error) is urllib.error.URLError else error
    if isinstance(cause, TimeoutError):
        return f"the server sent nothing for {idle_timeout_s:g} s"
    if isinstance(cause, EOFError | zlib.error | zipfile.BadZipFile | RuntimeError):
        return "the file is incomplete or damaged"
    return reason(cause) if isinstance(cause, OSError) else str(cause)


@contextlib.contextmanager
def _socket_timeout(timeout_s: float) -> Iterator[None]:
    """Give every new connection a time limit; torchvision sets none."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(timeout_s)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
