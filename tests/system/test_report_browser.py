"""The HTML report in a real browser without a network: it draws, and complains of nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness import new_workspace
from tests.storage.evaluation_files import write_small
from tests.system.browser import browser_page, find_browser
from tests.system.command import make, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.browser import Page

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here; `apt-get install chromium` brings one"
)
TRAINED = ("--epochs", 3, "--model", "lenet", "--threads", 1, "--log-every", 2, "--wait")
NOTE = "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>"
LONG_NAME = "fast, and called more than charts in a terminal have room for"
PICTURES = os.environ.get("MNIST_TUI_TEST_PICTURES")
"""A folder for pictures of the page, to be looked at."""


@pytest.fixture(scope="module")
def report(digits_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on two sessions that were trained and evaluated, one with a hostile note."""
    path = tmp_path_factory.mktemp("report") / "both.html"
    with new_workspace(digits_dir) as workspace:
        make(workspace, *TRAINED, "--name", "baseline")
        make(workspace, *TRAINED, "--learning-rate", 0.01, "--name", LONG_NAME, "--note", NOTE)
        for session_id in (1, 2):
            write_small(
                workspace.home.session(session_id), step=10_000, num_images=280, num_wrong=30
            )
        output_of(workspace.home, "report", 1, 2, "-o", path)
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert BROWSER
    with browser_page(BROWSER, tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_it_draws_without_a_complaint_and_without_a_request(
    page: Page, report: Path, width: int, color_scheme: str
) -> None:
    page.load(report, width=width, color_scheme=color_scheme)
    assert page.told("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown") == []
    urls = [told["request"]["url"] for told in page.told("Network.requestWillBeSent")]
    assert [url for url in urls if not url.startswith("data:")] == [report.as_uri()]
    # Nothing but a table that is too wide, which moves by itself, is wider than the window.
    assert page.ask("document.documentElement.scrollWidth") <= width
    sizes = page.ask(
        "[...document.querySelectorAll('svg.chart')].map(svg => svg.getBoundingClientRect())"
        ".map(box => [box.width, box.height])"
    )
    assert len(sizes) == 6
    assert all(wide > 0.7 * min(width, 480) and high > 0.5 * wide for wide, high in sizes)
    ground = page.ask("getComputedStyle(document.body).backgroundColor")
    brightness = int(ground.removeprefix("rgb(").partition(",")[0])
    assert (brightness < 100) == (color_scheme == "dark")
    if PICTURES:
        Path(PICTURES, f"report-{width}-{color_scheme}.png").write_bytes(page.picture())


def test_the_page_holds_what_was_measured(page: Page, report: Path) -> None:
    page.load(report)
    captions = page.ask(
        "[...document.querySelectorAll('caption')].map(caption => caption.innerText)"
    )
    for expected in ("Scores", "Times and sizes", "After each epoch", "Parameters"):
        assert captions.count(expected) == 2
    assert captions.count("Confusion matrix of the test set") == 2
    matrix = page.ask(
        "[...document.querySelector('table.matrix tbody').rows]"
        ".flatMap(row => [...row.cells].slice(1)).map(cell => Number(cell.innerText) || 0)"
    )
    assert len(matrix) == 100
    assert sum(matrix) == 280
    assert sum(matrix[::11]) == 250
    drawn = page.ask("[...document.images].map(image => [image.naturalWidth, image.alt])")
    assert len(drawn) == 2 * 24
    assert all(width == 28 and " taken for " in alt for width, alt in drawn)
    keys = page.ask("[...document.querySelectorAll('.key')].map(key => key.innerText.trim())")
    assert sum(key.endswith(f"#2 {LONG_NAME}") for key in keys) == 2
    # Every table says what its rows and columns are.
    unnamed = "document.querySelectorAll('table:not(:has(caption)), tr:not(:has(th[scope]))')"
    assert page.ask(f"{unnamed}.length") == 0
    assert page.ask("[...document.querySelectorAll('svg.chart')].every(svg => svg.ariaLabel)")
    assert page.ask("[...document.querySelectorAll('svg polyline')].length") >= 6


def test_what_others_wrote_is_text(page: Page, report: Path) -> None:
    page.load(report)
    assert page.ask("document.title") == "Report on 2 sessions · mnist-tui"
    assert page.ask("document.scripts.length") == 0
    assert NOTE in page.ask("document.body.innerText")


def test_it_can_be_printed(page: Page, report: Path) -> None:
    page.load(report, color_scheme="dark")
    assert page.paper().startswith(b"%PDF")
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    page.call("Emulation.setEmulatedMedia", media="print", features=[dark])
    try:
        ground = page.ask("getComputedStyle(document.documentElement).getPropertyValue('--ground')")
        assert ground.strip() == "#fff"
    finally:
        page.call("Emulation.setEmulatedMedia", media="")
