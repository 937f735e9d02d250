"""Making the pictures of the README: `python -m tests.pictures docs/pictures`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.pictures.night import new_night
from tests.pictures.scenes import DEVICES, SCENES, screen_of
from tests.pictures.svg import picture

if TYPE_CHECKING:
    from tests.pictures.scenes import Scene
    from tests.system.terminal import Terminal


def main(arguments: list[str] | None = None) -> int:
    """Write every picture into the folder given; takes about two minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with new_night() as night:
        night.begin()
        # Open from here on, so that the devices have a history when their picture is taken.
        with screen_of(night, DEVICES) as watching:
            night.go_on()
            watching.await_screen(lambda shown: shown.count("running") == 2, "two train")
            _write(folder, DEVICES, watching)
        for scene in SCENES:
            if scene is not DEVICES:
                with screen_of(night, scene) as terminal:
                    _write(folder, scene, terminal)
    return 0


def _write(folder: Path, scene: Scene, terminal: Terminal) -> None:
    terminal.read()
    text = picture(terminal.screen, f"mnist-tui: {scene.title}")
    (folder / f"{scene.name}.svg").write_text(text, encoding="utf-8")
    print(f"{scene.name}.svg  {len(text.encode()) / 1000:.1f} kB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
