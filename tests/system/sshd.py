"""A real SSH server on loopback, started by the test as the current user, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.deadlines import wait_until
from tests.system.command import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

SEPARATION_FOLDER = Path("/run/sshd")
"""Where sshd as root insists on an empty folder."""


class SshServer:
    """A server and what a client needs to log in to it."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.port = port
        self.process = process

    def command(self, *options: str, remote: str) -> list[str]:
        """Return the command line of a client that runs `remote`."""
        settings = (
            "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes",
            "BatchMode=yes", "LogLevel=ERROR", "ControlPath=none",
        )  # fmt: skip
        given = [word for setting in settings for word in ("-o", setting)]
        key = str(self.folder / "user_key")
        return [
            "ssh", "-F", "/dev/null", *given, "-i", key, "-p", str(self.port), *options,
            f"{getpass.getuser()}@127.0.0.1", remote,
        ]  # fmt: skip

    def session_processes(self) -> list[psutil.Process]:
        """Return the server's processes of open connections, the outermost first."""
        server = psutil.Process(self.process.pid)
        return [one for one in server.children(recursive=True) if "sshd" in one.name()]


def remote_line(*words: object, **variables: object) -> str:
    """Return a command of mnist-tui for the remote shell."""
    passed_on = ("PYTHON", "OMP", "XDG_STATE_HOME")
    kept = {name: text for name, text in environment().items() if name.startswith(passed_on)}
    given = [f"{name}={shlex.quote(str(value))}" for name, value in (kept | variables).items()]
    command = [sys.executable, "-P", "-m", "mnist_tui.tui", *map(str, words)]
    return " ".join(["exec", "env", *given, *map(shlex.quote, command)])


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """Run a server that only this user's new key opens; skips where there is none to run."""
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if program is None or shutil.which("ssh") is None or shutil.which("ssh-keygen") is None:
        pytest.skip("needs ssh, ssh-keygen and sshd (Debian: openssh-client openssh-server)")
    if os.getuid() == 0:
        # It stays: another process of these tests may need it at any time.
        SEPARATION_FOLDER.mkdir(mode=0o755, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="mt-ssh-"))
    server = None
    try:
        server = _start(program, folder)
        yield server
    finally:
        if server is not None:
            _end(server)
        shutil.rmtree(folder, ignore_errors=True)


def _start(program: str, folder: Path) -> SshServer:
    for name in ("host_key", "user_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
        )
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = _free_port()
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\n"
        f"HostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\n"
        f"PidFile {folder}/sshd.pid\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "KbdInteractiveAuthentication no\nUseDNS no\nPrintMotd no\nPrintLastLog no\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=log
        )
    server = SshServer(folder, port, process)
    try:
        wait_until(lambda: _logs_in(server), "one can log in", timeout_s=20, interval_s=0.2)
    except AssertionError:
        reason = (folder / "log").read_text()[-500:]
        _end(server)
        pytest.skip(f"sshd cannot be used here: {reason}")
    return server


def _logs_in(server: SshServer) -> bool:
    done = subprocess.run(
        server.command(remote="true"), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(server: SshServer) -> None:
    with suppress(psutil.NoSuchProcess):
        for process in server.session_processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
    server.process.kill()
    server.process.wait()
