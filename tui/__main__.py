"""Entry of the command `mnist-tui`: runs it and turns every expected end into an exit code.

0 done, 1 refused or failed, 2 wrong usage, 130 ended by ctrl+c.
"""

from __future__ import annotations

import gc
import os
import re
import sys

from mnist_tui.tui.terminal import ascii_output

REFUSED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    # Collecting while modules load and once more at the end finds nothing and takes 15 ms.
    gc.set_threshold(100_000)
    try:
        _never_fail_on_characters()
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; Python must not complain about that at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    finally:
        gc.freeze()
    return code


def _run(given: list[str]) -> int:
    import click  # noqa: PLC0415 — after ctrl+c and a closed pipe are taken care of

    from mnist_tui.tui.cli.group import cli, user_errors  # noqa: PLC0415 — the same

    unreadable = next((word for word in given if not _is_text(word)), None)
    if unreadable is not None:
        return _fail(f"the argument {unreadable!r} is not UTF-8 text; give text", WRONG_USAGE)
    try:
        return int(cli.main(given, prog_name="mnist-tui", standalone_mode=False) or 0)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "mnist-tui"
        # click's suggestion is a second sentence, in brackets if it names several options.
        sentence = re.sub(
            r"\. \(?Did you (.*?)\?\)?$", r", did you \1", error.format_message()
        ).rstrip(".?")
        return _fail(f"{sentence}; see `{path} --help`.", WRONG_USAGE)
    except click.ClickException as error:
        return _fail(error.format_message(), REFUSED)
    except click.Abort:
        return INTERRUPTED
    except user_errors() as error:
        return _fail(_sentence(error), REFUSED)


def _sentence(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}; check the disk and the permissions, then try again."
    return str(error)


def _fail(sentence: str, code: int) -> int:
    from mnist_tui.tui.terminal.output import say  # noqa: PLC0415 — only where something went wrong

    say(sentence if sentence.endswith(".") else f"{sentence}.")
    return code


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _never_fail_on_characters() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    # Options may say otherwise; this is for help and for what is wrong with the options.
    if ascii_output.is_wanted(os.environ):
        ascii_output.serve(sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
