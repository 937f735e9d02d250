"""What keeps the screen small over days: garbage is collected early, what stays is left alone."""

from __future__ import annotations

import gc

MAX_GARBAGE = 2_000
"""Objects after which the newest are looked through: a fraction of a millisecond."""


def settle() -> None:
    """End the quiet of the start, in which nothing is collected, once all records are there.

    Left at that, ten megabytes of garbage gather between two collections; and each that looked
    through ten thousand records would hold up the keys.
    """
    gc.freeze()
    gc.set_threshold(MAX_GARBAGE, 10, 10)
