"""Context of a command: the home, the settings, and the way to the supervisor."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.home import Home, find_home
from mnist_tui.tui.terminal import ascii_output
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.trace_replay import TraceSampler
    from mnist_tui.training.parameters.settings import Settings
    from mnist_tui.training.protocol.client import Client

SUPERVISOR_OPTIONS = ("slots", "mirror")
"""Settings of the supervisor."""


@dataclass(frozen=True)
class CliContext:
    """The global options, combined with environment and settings file on demand."""

    home: Home = field(default_factory=lambda: find_home(None))
    given: Mapping[str, Any] = field(default_factory=dict)
    """Settings given as options, by their key in the file."""
    devices_from: TraceSampler | None = None
    """Recorded machine to show instead of this one, or None."""

    @cached_property
    def settings(self) -> Settings:
        """The settings file with the options over it; raises SettingsError."""
        from mnist_tui.training.parameters.settings import load_settings  # noqa: PLC0415 — 3 ms that `ls` does not need

        return replace(load_settings(), **self.given)

    @property
    def wants_ascii(self) -> bool:
        """True if output is limited to ASCII: by option, environment, file or locale."""
        choice = self.given.get("ascii", ascii_output.asked_for(os.environ))
        if choice is None:
            choice = self._ascii_in_file()
        return ascii_output.is_needed(os.environ) if choice is None else choice

    @cached_property
    def data_dir(self) -> Path:
        """The dataset folder of new sessions."""
        from mnist_tui.storage.datasets.dataset_folder import find_data_dir  # noqa: PLC0415 — 5 ms that `ls` does not need

        return find_data_dir(self.given.get("data_dir"), self.settings.data_dir)

    @property
    def supervisor_options(self) -> list[str]:
        """Command line for a supervisor to be started: its settings that are given as options."""
        named = [name for name in SUPERVISOR_OPTIONS if name in self.given]
        return [text for name in named for text in (f"--{name}", str(self.given[name]))]

    def connect_or_start(self) -> Client:
        """Return a connection, starting a supervisor if none runs."""
        from mnist_tui.training.protocol.start_supervisor import connect_or_start  # noqa: PLC0415 — `ls` never starts one

        client = connect_or_start(self.home, self.supervisor_options)
        self._warn_of_other_slots(client)
        return client

    def _ascii_in_file(self) -> bool | None:
        from mnist_tui.training.parameters.settings import SettingsError  # noqa: PLC0415 — loaded by the next line

        # Commands that need more of the file report the error.
        with suppress(SettingsError):
            return self.settings.ascii
        return None

    def _warn_of_other_slots(self, client: Client) -> None:
        from mnist_tui.training.protocol.requests import Status  # noqa: PLC0415 — `--help` does without

        wanted = self.given.get("slots")
        if wanted and wanted != (slots := client.request(Status)["slots"]):
            say(
                f"The running supervisor keeps its {slots} slots;"
                f" `mnist-tui --slots {wanted} supervisor restart` changes them."
            )

    def read_records(self) -> tuple[list[SessionRecord], bool]:
        """Return all records and whether they come from a supervisor, without starting one.

        Without a supervisor the files are read.

        Raises:
            StorageError: The home belongs to another user, or its files cannot be read.
        """
        self.home.require_ours()
        # Each way costs 10 ms of imports.
        if self.home.socket.exists() and (records := self._live_records()) is not None:
            return records, True
        from mnist_tui.storage.registry.registry_reader import read_records  # noqa: PLC0415 — as said

        return read_records(self.home), False

    def _live_records(self) -> list[SessionRecord] | None:
        from mnist_tui.training.protocol.client import Client, Refused, Unreachable  # noqa: PLC0415 — as said
        from mnist_tui.training.protocol.requests import List  # noqa: PLC0415 — as said

        try:
            with Client.connect(self.home) as client:
                return client.records(List)
        except (Unreachable, Refused):
            return None
