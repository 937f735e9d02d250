"""Making the pictures of the README: `python -m tests.pictures docs/pictures`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.pictures.night import new_night
from tests.pictures.scenes import SCENES, screen_of
from tests.pictures.svg import picture

SHARE_OF_LAST = 0.9
"""How much of its training the session of the last picture has behind it."""


def main(arguments: list[str] | None = None) -> int:
    """Write every picture into the folder given; takes two or three minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with new_night() as night:
        night.train_first()
        night.go_on()
        for scene in SCENES:
            if scene is SCENES[-1]:
                night.reach_share("steps-down", SHARE_OF_LAST)
            with screen_of(night, scene) as terminal:
                text = picture(terminal.screen, f"mnist-tui: {scene.title}")
            (folder / f"{scene.name}.svg").write_text(text, encoding="utf-8")
            print(f"{scene.name}.svg  {len(text.encode()) / 1000:.1f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
