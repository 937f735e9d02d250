"""The parts of the README that are made from the program: its keys and its parameters.

`python -m mnist_tui.tui.reports.readme_parts README.md` puts them there; a test
compares.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.keys import key_reference
from mnist_tui.tui.reports import parameter_table

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS: dict[str, Callable[[], str]] = {
    "keys": key_reference.markdown,
    "parameters": parameter_table.markdown,
}
"""What stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""


def part_of(page: str, name: str) -> str:
    """Return what stands between the marks of a part; empty where they are missing."""
    begin, end = _marks(name)
    return page.partition(begin)[2].partition(end)[0]


def renewed(page: str) -> str:
    """Return the page with the present tables between their marks."""
    for name, make in PARTS.items():
        begin, end = _marks(name)
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{make()}{end}{rest.partition(end)[2]}"
    return page


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
