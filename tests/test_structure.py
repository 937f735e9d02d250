"""The packages of the source tree: no cycles, few modules at a root, each name once."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[1]
MOST_ROOT_MODULES = {"tui": 6, "training": 6, "storage": 12}
"""Entry points, and what every package of storage is made of."""
REGISTRIES = ("tui/cli/commands", "tui/screens")
"""Packages whose modules carry the names that users type or see, and may have those of others."""
QUESTION_WORDS = ("What", "How", "Which", "Whether", "Where", "Why")

roots = pytest.mark.parametrize("root", MOST_ROOT_MODULES)


@cache
def modules(root: str) -> dict[Path, ast.Module]:
    """Return the syntax trees below `root` by path, relative to the repository."""
    paths = sorted((REPOSITORY / root).rglob("*.py"))
    return {path.relative_to(REPOSITORY): ast.parse(path.read_bytes()) for path in paths}


def named_modules(root: str) -> dict[Path, ast.Module]:
    """Return those whose names must be unique."""
    return {
        path: tree
        for path, tree in modules(root).items()
        if not path.name.startswith("__") and path.parent.as_posix() not in REGISTRIES
    }


def imported_packages(tree: ast.Module) -> Iterator[Path]:
    """Yield the package of each import of ours: deferred ones and those for types count too."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            place, _, rest = name.partition(".")
            path = Path(*rest.split("."))
            while place == "mnist_tui" and not (REPOSITORY / path).is_dir():
                path = path.parent
            if place == "mnist_tui":
                yield path


def test_packages_import_one_another_in_one_direction() -> None:
    graph: defaultdict[Path, set[Path]] = defaultdict(set)
    for root in MOST_ROOT_MODULES:
        for path, tree in modules(root).items():
            graph[path.parent] |= set(imported_packages(tree)) - {path.parent}
    assert len(graph) > 30
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(map(str, reversed(error.args[1]))))


@roots
def test_few_modules_lie_at_a_root(root: str) -> None:
    flat = [path.name for path in modules(root) if path.parent == Path(root)]
    assert len(flat) - flat.count("__init__.py") <= MOST_ROOT_MODULES[root], flat


@roots
def test_no_two_modules_have_the_same_name(root: str) -> None:
    places = defaultdict(list)
    for path in named_modules(root):
        places[path.name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@roots
def test_no_two_public_classes_have_the_same_name(root: str) -> None:
    places = defaultdict(list)
    for path, tree in named_modules(root).items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("root", ["tui", "training", "storage"])
def test_the_docstring_of_a_module_says_what_it_holds(root: str) -> None:
    questions = [
        str(path)
        for path, tree in modules(root).items()
        if (ast.get_docstring(tree) or "").partition(" ")[0] in QUESTION_WORDS
    ]
    assert questions == []
