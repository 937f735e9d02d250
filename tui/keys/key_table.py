"""Table of all actions, the source of bindings, footer, help, palette and reference.

Nothing lower-case ends or destroys anything.
"""

from __future__ import annotations

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.keys.key_action import (
    CHART,
    CHARTS,
    COMPARE,
    DATA,
    DEVICES,
    EVERYWHERE,
    FORM,
    LABELS,
    LISTS,
    LOOKING,
    MOVING,
    PROGRAM,
    SESSION,
    SESSIONS,
    STUDY,
    TRAINING,
    VIEWS,
    KeyAction,
)

_SCROLLED = (SESSIONS, SESSION, COMPARE, DEVICES, DATA, STUDY)


def _ask(
    name: str, key: str, tooltip: str, *triggers: Trigger, label: str = "", is_shown: bool = True
) -> KeyAction:
    return KeyAction(
        name, (key,), label or name, tooltip, LISTS, TRAINING, triggers=triggers,
        is_in_footer=is_shown,
    )  # fmt: skip


def _label(name: str, key: str, tooltip: str, request: Trigger | None = None) -> KeyAction:
    return KeyAction(
        name, (key,), name, tooltip, LISTS, LABELS, needs_session=True, request=request
    )


def _look(
    name: str,
    keys: str,
    label: str,
    tooltip: str,
    screens: tuple[str, ...],
    group: str = LOOKING,
    *,
    is_shown: bool = False,
    needs_session: bool = False,
    needs_steps: bool = False,
    takes_key: bool = False,
) -> KeyAction:
    return KeyAction(
        name, tuple(keys.split()), label, tooltip, screens, group, is_in_footer=is_shown,
        needs_session=needs_session, needs_steps=needs_steps, takes_key=takes_key,
    )  # fmt: skip


def _move(name: str, keys: str, label: str, tooltip: str) -> KeyAction:
    return KeyAction(name, tuple(keys.split()), label, tooltip, _SCROLLED, MOVING)


# fmt: off
ACTIONS: tuple[KeyAction, ...] = (
    _look("new", "n", "new", "Open the form for a new session", (SESSIONS,), TRAINING,
          is_shown=True),
    _ask("pause", "p", "No more batches, process stays; again: resume",
         Trigger.PAUSE, Trigger.RESUME),
    _ask("stop", "S", "Finish the batch, save, exit; p resumes", Trigger.STOP),
    _ask("kill", "K", "End at once, nothing saved; asks first", Trigger.KILL),
    _look("open", "enter", "open", "Open the session", (SESSIONS, COMPARE), is_shown=True,
          needs_session=True),
    _look("compare", "c", "compare", "Compare the marked, or this and the next",
          (SESSIONS,), is_shown=True, needs_session=True),
    _look("mark", "space", "mark", "Mark or unmark; keys then act on all marked", (SESSIONS,),
          is_shown=True, needs_session=True),
    _look("filter", "slash", "filter", "Show only what matches, as state:running",
          (SESSIONS,), is_shown=True),
    _look("search", "slash", "search", "Search the log; n and N go on from there", (SESSION,)),
    _look("search_on(-1)", "n", "new", "Open the form; in a searched log: go on",
          (SESSION,), is_shown=True),
    _look("search_on(1)", "N", "found after", "Go back to the line found after", (SESSION,)),
    _look("clone", "C", "clone", "Open the form with this one's parameters", LISTS, TRAINING,
          needs_session=True),
    _ask("hold", "H", "Keep a queued session waiting; again: release",
         Trigger.HOLD, Trigger.RELEASE, is_shown=False),
    KeyAction("move_in_queue(-1)", ("less_than_sign",), "sooner", "Move up in the queue", LISTS,
           TRAINING, request=Trigger.MOVE, needs_session=True),
    KeyAction("move_in_queue(1)", ("greater_than_sign",), "later", "Move down in the queue", LISTS,
           TRAINING, request=Trigger.MOVE, needs_session=True),
    _ask("trash", "D", "Move an ended session to the trash; asks first", Trigger.REMOVE,
         is_shown=False),

    _label("rename", "r", "Change the name"),
    _label("tag", "t", "Change the tags"),
    _label("note", "i", "Write a note"),
    _label("pin", "P", "Keep on top and out of the trash; again: unpin"),
    _label("snapshot", "W", "Keep a named checkpoint of now", Trigger.SNAPSHOT),

    _look("mark_all", "asterisk", "mark all", "Mark every session shown", (SESSIONS,)),
    _look("unmark", "backslash", "unmark", "Take all marks away", (SESSIONS,)),
    _look("sort", "o", "sort by", "Choose what the table is sorted by", (SESSIONS,)),
    _look("reverse", "O", "reverse", "Turn the order round", (SESSIONS,)),
    _look("columns", "V", "columns", "Choose the columns", (SESSIONS,)),
    _look("follow", "f", "follow", "Keep the cursor on the newest session", (SESSIONS,)),
    _look("follow", "f", "follow", "Follow the end of the log", (SESSION,)),
    _look("dial", "1 2 3 4 5 6 7 8 9", "go to", "Digits, then enter: go to that session",
          (SESSIONS,), MOVING, takes_key=True),
    _look("tab", "1 2 3 4 5 6 7 8 9", "tab", "Choose the page",
          (SESSION,), takes_key=True),
    _look("evaluate", "e", "evaluate", "Score the test images now", (SESSION,), TRAINING,
          is_shown=True, needs_session=True, needs_steps=True),
    _look("inspect", "enter", "images", "Confusion: look at the images of the cell", (SESSION,)),
    _look("difference", "equals_sign", "difference", "Confusion: subtract another session's",
          (SESSION,)),
    _look("show_only", "o", "only wrong", "Only what is wrong or disputed; again: all",
          (SESSION,)),
    _look("draw_others", "space", "others", "Predictions, outliers: show other images",
          (SESSION,)),
    _look("next", "right_square_bracket", "next", "Same page of the next session", (SESSION,),
          is_shown=True),
    _look("previous", "left_square_bracket", "previous", "Same page of the previous session",
          (SESSION,), is_shown=True),
    _look("outliers", "O", "outliers", "Show it out-of-distribution images", (SESSION,), TRAINING,
          is_shown=True, needs_session=True, needs_steps=True),
    _look("devices", "d", "devices", "Show devices, memory and who uses them", LISTS),
    _look("data", "I", "data", "Show the images it learns from, by class", LISTS,
          needs_session=True),
    _look("study", "s", "study", "Show the study it is a part of", LISTS, needs_session=True),

    _look("enlarge", "m", "enlarge", "One chart in full: loss, accuracy, both", CHARTS, CHART),
    _look("cursor(1)", "right", "read", "Read values: move the chart's cursor", CHARTS, CHART),
    _look("cursor(-1)", "left", "read back", "Read values: move the cursor back", CHARTS, CHART),
    _look("cursor(10)", "shift+right", "far", "Move the chart's cursor by ten", CHARTS, CHART),
    _look("cursor(-10)", "shift+left", "far back", "Move the cursor back by ten", CHARTS, CHART),
    _look("x_unit", "x", "x axis", "Count epochs, batches or time", CHARTS, CHART),
    _look("log_scale", "v", "log scale", "Loss on a logarithmic scale; again: linear", CHARTS,
          CHART),
    _look("smooth(1)", "plus equals_sign", "smoother", "Smooth the curves more",
          (SESSIONS, COMPARE), CHART),
    _look("smooth(1)", "plus", "smoother", "Smooth the curves more", (SESSION,), CHART),
    _look("smooth(-1)", "minus", "rougher", "Smooth the curves less", CHARTS, CHART),
    _look("smooth(0)", "0", "raw", "Smooth nothing", CHARTS, CHART),
    _look("split", "t", "split", "Compare validation curves; again: training", (COMPARE,), CHART),

    _look("baseline", "b", "baseline", "Measure differences against this session", (COMPARE,),
          is_shown=True),
    _look("target", "A", "accuracy", "Choose the accuracy to converge to", (COMPARE,),
          is_shown=True),
    _look("cursor(1)", "l", "right", "To the right: image, cell, cursor", (SESSION,), MOVING),
    _look("cursor(-1)", "h", "left", "To the left: image, cell, cursor", (SESSION,), MOVING),
    _look("choose(1)", "l", "right", "Choose the session to the right", (COMPARE,), MOVING),
    _look("choose(-1)", "h", "left", "Choose the session to the left", (COMPARE,), MOVING),

    _look("start", "ctrl+r", "start", "Start the session, from any field", (FORM,), TRAINING,
          is_shown=True),
    _look("next_field", "down tab", "next field", "Go to the next field", (FORM,), MOVING,
          is_shown=True),
    _look("previous_field", "up shift+tab", "previous", "Go to the previous field", (FORM,),
          MOVING),
    _look("presets", "f2", "presets", "Go to the presets: named beginnings", (FORM,), MOVING,
          is_shown=True),
    _look("data", "f3", "data", "Show the images it would learn from", (FORM,), is_shown=True),

    _move("move(1)", "down j", "down", "Move down"),
    _move("move(-1)", "up k", "up", "Move up"),
    _move("go_to_end(0)", "g home", "first", "Go to the first"),
    _move("go_to_end(1)", "G end", "last", "Go to the last"),
    _move("page(0.5)", "ctrl+d", "half down", "Half a page down"),
    _move("page(-0.5)", "ctrl+u", "half up", "Half a page up"),
    _move("page(1)", "pagedown", "page", "A page down"),
    _move("page(-1)", "pageup", "page up", "A page up"),

    _look("copy", "y", "copy", "Copy what is chosen to your clipboard", VIEWS, PROGRAM),
    _look("write", "w", "write", "Write this view, or a report, as a file", VIEWS,
          PROGRAM),
    _look("app.freeze", "F", "freeze", "Hold the picture still; training goes on", VIEWS, PROGRAM),
    _look("app.redraw", "ctrl+l", "redraw", "Draw the screen anew", EVERYWHERE, PROGRAM),
    _look("app.command_palette", "colon ctrl+p", "commands", "Find any action, session or theme",
          VIEWS, PROGRAM),
    _look("help", "question_mark", "help", "Show every key", VIEWS, PROGRAM, is_shown=True),
    _look("help", "f1", "help", "Show every key", (FORM,), PROGRAM, is_shown=True),
    _look("leave", "q", "leave", "Leave the screen; training goes on", (SESSIONS,), PROGRAM,
          is_shown=True),
    _look("clear", "escape", "clear", "Take away filter, then marks", (SESSIONS,), LOOKING),
    _look("back", "q escape", "back", "Back to where you came from",
          (SESSION, COMPARE, DEVICES, DATA, STUDY), PROGRAM, is_shown=True),
    _look("back", "escape", "back", "Back to the sessions; what was typed is kept", (FORM,),
          PROGRAM, is_shown=True),
    _look("app.keep_running", "ctrl+c", "", "Ends nothing: training keeps running",
          EVERYWHERE, PROGRAM),
)
# fmt: on
