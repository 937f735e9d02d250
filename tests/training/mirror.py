"""A web server that has files for downloads, and can do what servers do."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Mirror:
    """Serves `contents`, by name; it can be given others, fall silent, or end too early."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = dict(contents)
        self.num_missing = 0
        """Bytes at the end of each file that never come."""
        self.num_requests = 0
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.num_requests += 1
                mirror.is_asked.set()
                mirror.may_answer.wait(60)
                content = mirror.contents.get(self.path.removeprefix("/"))
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if content is not None:
                    self.wfile.write(content[: len(content) - mirror.num_missing])

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler

    def close(self) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()
