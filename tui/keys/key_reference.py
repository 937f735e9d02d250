"""The tables of keys in the README, made from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.keys.key_action import GROUPS, TITLES, VIEWS
from mnist_tui.tui.keys.key_table import ACTIONS

if TYPE_CHECKING:
    from mnist_tui.tui.keys.key_action import KeyAction


def markdown() -> str:
    """Return one table per group of actions."""
    return "\n".join(map(_group_table, GROUPS))


def _group_table(group: str) -> str:
    rows = "".join(
        f"| {_keys(action)} | {action.label} | {action.tooltip} | {_where(action)} |\n"
        for action in ACTIONS
        if action.group == group
    )
    return f"| {group} | | | where |\n| --- | --- | --- | --- |\n{rows}"


def _keys(action: KeyAction) -> str:
    return " ".join(f"`{key}`" for key in action.all_keys.replace("|", "\\|").split())


def _where(action: KeyAction) -> str:
    if set(VIEWS) <= set(action.screens):
        return "everywhere"
    return ", ".join(TITLES[screen].lower() for screen in action.screens)
