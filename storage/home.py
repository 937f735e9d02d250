"""The home folder: its location, its files and the socket.

A home holds one registry, one supervisor and one folder per session. It is ours alone (0700).
"""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = ".mnist-tui"
# sun_path holds 108 bytes on Linux and 104 on macOS, the final NUL included.
MAX_SOCKET_PATH_BYTES = 100
SOCKET_FOLDER = "socket folder"
"""In a world-writable folder, so a link in its place is never followed."""


@dataclass(frozen=True)
class Home:
    """The files of one home, by name."""

    path: Path

    @property
    def registry(self) -> Path:
        """The TinyDB snapshot."""
        return self.path / "registry.json"

    @property
    def journal(self) -> Path:
        """The changes since the snapshot."""
        return self.path / "registry.journal"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor for life; never unlinked."""
        return self.path / "supervisor.lock"

    @property
    def start_lock(self) -> Path:
        """Held by a client while it starts a supervisor; never unlinked."""
        return self.path / "start.lock"

    @property
    def supervisor_log(self) -> Path:
        """Log of the supervisor and its guard."""
        return self.path / "supervisor.log"

    @property
    def audit(self) -> Path:
        """Every command and state change of this home."""
        return self.path / "audit.jsonl"

    @property
    def tasks(self) -> Path:
        """Logs of tasks."""
        return self.path / "tasks"

    @property
    def summaries(self) -> Path:
        """Layer summaries, cached by the hash of their parameters."""
        return self.path / "summaries"

    @property
    def studies(self) -> Path:
        """Folder of the definitions of study runs."""
        return self.path / "studies"

    @property
    def trash(self) -> Path:
        """Removed sessions, until emptied."""
        return self.path / "trash"

    def session(self, session_id: int) -> Path:
        """Return the folder of one session."""
        return self.path / str(session_id)

    @property
    def socket(self) -> Path:
        """The supervisor's socket: in the home, or in a short private folder if too long."""
        inside = self.path / "supervisor.sock"
        if len(os.fsencode(inside)) <= MAX_SOCKET_PATH_BYTES:
            return inside
        import hashlib  # noqa: PLC0415 — 2 ms that every command would pay for a rare long path

        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(f"/tmp/mnist-tui-{os.getuid()}") / f"{digest}.sock"

    def prepare(self) -> None:
        """Make the home and the socket's folder, ours and private.

        Raises:
            StorageError: The folder cannot be made, is a symbolic link's dangling end, or belongs
                to another user.
        """
        _make_private(self.path, "home", follows_link=True)
        if self.socket.parent != self.path:
            _make_private(self.socket.parent, SOCKET_FOLDER, follows_link=False)

    def require_ours(self) -> None:
        """Refuse a home or socket folder that belongs to another user; a missing one is fine.

        Raises:
            StorageError: One of them belongs to another user or is not a folder.
        """
        _require_ours_if_there(self.path, "home", follows_link=True)
        if self.socket.parent != self.path:
            _require_ours_if_there(self.socket.parent, SOCKET_FOLDER, follows_link=False)


def find_home(option: str | None, environment: Mapping[str, str] | None = None) -> Home:
    """Return the home to use: option, `$MNIST_TUI_HOME`, a marked `./sessions`, or the user's."""
    environment = os.environ if environment is None else environment
    chosen = option or environment.get("MNIST_TUI_HOME")
    if chosen:
        return Home(Path(chosen).expanduser().absolute())
    checkout = Path("sessions").absolute()
    if _is_ours(checkout / MARKER):
        return Home(checkout)
    import platformdirs  # noqa: PLC0415 — 5 ms, not needed where the home is named

    return Home(Path(platformdirs.user_data_dir("mnist-tui")) / socket.gethostname())


def _is_ours(marker: Path) -> bool:
    try:
        return marker.stat().st_uid == os.getuid()
    except OSError:
        return False


def _require_ours_if_there(path: Path, what: str, *, follows_link: bool) -> None:
    try:
        status = path.stat(follow_symlinks=follows_link)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(_unusable(path, what, error)) from error
    _require_owned_folder(path, what, status)


def _make_private(path: Path, what: str, *, follows_link: bool) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat(follow_symlinks=follows_link)
        _require_owned_folder(path, what, status)
        if stat.S_IMODE(status.st_mode) != 0o700:
            path.chmod(0o700)
    except OSError as error:
        raise StorageError(_unusable(path, what, error)) from error


def _require_owned_folder(path: Path, what: str, status: os.stat_result) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise StorageError(f"The {what} {path} is not a folder; choose another with --home DIR.")
    if status.st_uid != os.getuid():
        raise StorageError(
            f"The {what} {path} belongs to another user; choose your own with --home DIR."
        )


def _unusable(path: Path, what: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"The {what} {path} cannot be used ({reason}); choose another with --home DIR."
