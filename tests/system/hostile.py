"""Text that would act on a terminal, a markup parser or a file system if anybody let it."""

from __future__ import annotations

MARK = "7777"
"""A parameter in every control sequence here that no honest program sends."""

TEXTS: tuple[str, ...] = (
    # Operating system commands: title, link, clipboard, colours, notifications.
    f"\x1b]0;{MARK}\x07", f"\x1b]0;{MARK}\x1b\\", f"\x1b]2;{MARK}\x9c",
    f"\x1b]8;;http://{MARK}/\x1b\\here\x1b]8;;\x1b\\", f"\x1b]52;c;{MARK}\x07",
    f"\x1b]52;p;?{MARK}\x1b\\",
    f"\x1b]4;1;#{MARK}\x07", f"\x1b]9;{MARK}\x07", f"\x1b]777;notify;{MARK}\x07",
    f"\x1b]1337;File={MARK}\x07", f"\x1b]52;c;{MARK}",
    # Control sequences: colours, cursor, erasing, modes, reports, scrolling, printing.
    f"\x1b[{MARK}m", f"\x1b[2;{MARK}H", f"\x1b[{MARK}J", f"\x1b[{MARK}K", f"\x1b[{MARK}A",
    f"\x1b[?{MARK}h", f"\x1b[?{MARK}l", f"\x1b[{MARK}n", f"\x1b[{MARK};20r", f"\x1b[{MARK}i",
    f"\x1b[>{MARK}c", f"\x1b[{MARK}@", f"\x1b[{MARK}",
    # Strings and single functions.
    f"\x1bP{MARK}q\x1b\\", f"\x1b_{MARK}\x1b\\", f"\x1b^{MARK}\x1b\\", f"\x1bX{MARK}\x1b\\",
    "\x1bc",
    "\x1b(0", "\x1b#8", "\x1bM", "\x1b", "\x1b\x1b",
    # The same as single C1 characters.
    f"\x9b{MARK}m", f"\x9d0;{MARK}\x9c", f"\x90{MARK}\x9c", "\x84\x85\x8d\x9a",
    # Single controls.
    "\x07\x07", "back\x08\x08\x08\x08", "over\rwritten", "two\nlines", "tab\tvt\x0bff\x0c",
    "nul\x00nul",
    "del\x7f", "so\x0e si\x0f", "\x05enq",
    # Reordering, invisible and odd characters.
    "\u202egnp.exe", "\u2066isolated\u2069", "zero\u200bwidth\u200dj\u2060\ufeff",
    "soft\u00adhyphen",
    "line\u2028line\u2029", "tag\U000e0041", "\ue000\U000f0000", "\u0378\uffff", "👩\u200d🔬🇩🇪👍🏽",
    "a" + "\u0301" * 100, "宽" * 300, "x" * 20_000,
    # Markup and templates.
    "[/bad]", "[bold red]x[/]", "[@click=app.quit]z[/]", "[link=http://x]y", "\\[", "[[/]", "[/",
    "$accent",
    "{0} %s %(a)s {x!r}",
    # Paths and words.
    "../../etc/passwd", "-rf", "NaN",
)  # fmt: skip
