from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
import tui.app
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_the_first_frame_loads_nothing_heavy() -> None:
    """numpy and plotext come after the first frame, torch and TinyDB never."""
    loaded = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "textual" in loaded
    assert not {"torch", "numpy", "plotext", "tinydb", "sklearn"} & set(loaded)
