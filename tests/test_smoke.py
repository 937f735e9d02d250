"""The table of smoke tests names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.smoke import SMOKE


@pytest.mark.parametrize("file", SMOKE)
def test_every_smoke_test_exists(file: str) -> None:
    text = (Path(__file__).parent / file).read_text()
    assert {name.partition("[")[0] for name in SMOKE[file]} <= set(
        re.findall(r"def (test_\w+)", text)
    )
