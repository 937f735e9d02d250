"""A real browser without a window: it loads a page while no network is there, and is asked.

Speaks the DevTools protocol over two pipes, JSON that a zero byte ends, so that nothing but the
browser has to be installed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9", "--remote-debugging-pipe",
)  # fmt: skip
"""Names lead nowhere, and so does the proxy that everything else would go through."""
TIMEOUT_S = 60.0
CHUNK_BYTES = 1 << 20


def find_browser() -> str | None:
    """Return the path of a browser, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Page:
    """One tab; all that it said is kept."""

    from_browser: int
    to_browser: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _unread: bytes = b""
    _number: int = 0
    _session: str | None = None

    def open(self) -> None:
        """Attach to a new tab and listen to all that may go wrong in it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def load(self, path: Path, *, width: int = 1200, color_scheme: str = "light") -> None:
        """Show a file in a window of a width, to eyes that wish for light or dark."""
        feature = {"name": "prefers-color-scheme", "value": color_scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        self._read_until(lambda: bool(self.told("Page.loadEventFired")), "the page has loaded")

    def told(self, *methods: str) -> list[dict[str, Any]]:
        """Return what these events said since the page was loaded."""
        return [event["params"] for event in self.events if event["method"] in methods]

    def ask(self, expression: str) -> Any:
        """Return the value of a line of JavaScript."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def paper(self) -> bytes:
        """Return the page as it would be printed, as PDF."""
        return base64.b64decode(self.call("Page.printToPDF")["data"])

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask for something and return the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        content = json.dumps(message).encode() + b"\0"
        while content:
            content = content[os.write(self.to_browser, content) :]
        answers: list[dict[str, Any]] = []

        def has_answer() -> bool:
            answers[:] = [each for each in self.events if each.get("id") == self._number]
            return bool(answers)

        self._read_until(has_answer, method)
        self.events.remove(answers[0])
        assert "error" not in answers[0], answers[0]
        return answers[0]["result"]

    def _read_until(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.from_browser], [], [], max(0.0, left))
            content = os.read(self.from_browser, CHUNK_BYTES) if ready else b""
            assert content, f"the browser did not answer within {TIMEOUT_S:g} s: {what}"
            *messages, self._unread = (self._unread + content).split(b"\0")
            self.events += map(json.loads, messages)


@contextmanager
def browser_page(browser: str, folder: Path) -> Iterator[Page]:
    """Start a browser that keeps its profile in `folder`, and end it."""
    ours_to_read, theirs_to_write = map(_out_of_the_way, os.pipe())
    theirs_to_read, ours_to_write = map(_out_of_the_way, os.pipe())
    with (folder / "browser.log").open("wb") as log:
        pid = os.posix_spawn(
            browser,
            [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}"],
            os.environ,
            # Where the browser looks for its pipes.
            file_actions=[
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                (os.POSIX_SPAWN_DUP2, theirs_to_read, 3),
                (os.POSIX_SPAWN_DUP2, theirs_to_write, 4),
            ],
            setpgroup=0,
        )
    os.close(theirs_to_read)
    os.close(theirs_to_write)
    try:
        page = Page(ours_to_read, ours_to_write)
        page.open()
        yield page
    finally:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ours_to_read)
        os.close(ours_to_write)


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor above those that the browser's get."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
