"""What every command knows: the home, the settings, and how to reach the supervisor."""

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
"""The settings that the supervisor goes by."""


@dataclass(frozen=True)
class CliContext:
    """The options before the command, joined with environment and settings file on demand."""

    home: Home = field(default_factory=lambda: find_home(None))
    given: Mapping[str, Any] = field(default_factory=dict)
    """Settings given as options, by their key in the file."""
    devices_from: TraceSampler | None = None
    """The recorded machine whose devices the screen shows; None for this one."""

    @cached_property
    def settings(self) -> Settings:
        """The settings file with the options over it; raises SettingsError."""
        from mnist_tui.training.parameters.settings import load_settings  # noqa: PLC0415 — 3 ms that `ls` does not need

        return replace(load_settings(), **self.given)

    @property
    def wants_ascii(self) -> bool:
        """Whether nothing but ASCII may be written: by option, environment, file or locale."""
        asked = self.given.get("ascii", ascii_output.asked_for(os.environ))
        if asked is None:
            asked = self._ascii_in_file()
        return ascii_output.is_needed(os.environ) if asked is None else asked

    @cached_property
    def data_dir(self) -> Path:
        """The dataset folder of new sessions."""
        from mnist_tui.storage.datasets.dataset_folder import find_data_dir  # noqa: PLC0415 — 5 ms that `ls` does not need

        return find_data_dir(self.given.get("data_dir"), self.settings.data_dir)

    @property
    def supervisor_options(self) -> list[str]:
        """The command line of a supervisor that is started now: what was given as options."""
        named = [name for name in SUPERVISOR_OPTIONS if name in self.given]
        return [text for name in named for text in (f"--{name}", str(self.given[name]))]

    def connect_or_start(self) -> Client:
        """Return a connection, starting a supervisor where none runs."""
        from mnist_tui.training.protocol.start_supervisor import connect_or_start  # noqa: PLC0415 — `ls` never starts one

        client = connect_or_start(self.home, self.supervisor_options)
        self._warn_of_other_slots(client)
        return client

    def _ascii_in_file(self) -> bool | None:
        from mnist_tui.training.parameters.settings import SettingsError  # noqa: PLC0415 — loaded by the next line

        # Whoever needs more of the file says what is wrong with it.
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
        """Return all records and whether a supervisor told them; starts nothing.

        Without one the files are read.

        Raises:
            StorageError: The home is somebody else's, or its files cannot be read.
        """
        self.home.require_ours()
        # Each way takes 10 ms of imports, so only the one that is gone is paid for.
        if self.home.socket.exists() and (told := self._ask_records()) is not None:
            return told, True
        from mnist_tui.storage.registry.registry_reader import read_records  # noqa: PLC0415 — as said

        return read_records(self.home), False

    def _ask_records(self) -> list[SessionRecord] | None:
        from mnist_tui.training.protocol.client import Client, Refused, Unreachable  # noqa: PLC0415 — as said
        from mnist_tui.training.protocol.requests import List  # noqa: PLC0415 — as said

        try:
            with Client.connect(self.home) as client:
                return client.records(List)
        except (Unreachable, Refused):
            return None
