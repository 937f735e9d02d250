"""A document as HTML and Markdown: well formed, and harmless whatever it holds."""

from __future__ import annotations

import io
import itertools
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mnist_tui.tui.charts.chart_events import ChartEvent
from mnist_tui.tui.reports.chart_svg import HEIGHT, NUM_COLUMNS, WIDTH, chart_svg
from mnist_tui.tui.reports.evaluation_report import confusion_table
from mnist_tui.tui.reports.html_page import as_html
from mnist_tui.tui.reports.report_document import (
    ChartFigure,
    Code,
    Document,
    Matrix,
    Pictures,
    as_markdown,
)
from mnist_tui.tui.terminal.png import grey_png
from mnist_tui.tui.text.figures import COUNT, Column, Kind
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Cell, Facts, Section, Table
from tests.system.hostile import TEXTS
from tests.tui.chart_samples import accuracy_of, columns_of, full_session, loss_of, session_of
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS

HTML_TEXTS = (
    "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", '" onload="alert(1)',
    "' onload='alert(1)", "&lt;b&gt;", "</svg><script>", "<!--", "]]>", "`x` **b** | a", "# h",
)  # fmt: skip
VOID = {"meta", "link", "img", "br"}
BY_THE_PARSER = {"rect", "path", "polyline"}


class Checker(HTMLParser):
    """Takes a page apart and refuses tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in BY_THE_PARSER, tag

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def document_with(text: str) -> Document:
    """Return a document with a text wherever one can be."""
    svg = chart_svg(loss_of(full_session(), NUM_COLUMNS), text, 1)
    column = Column(text, Kind(str), label=text)
    blocks = (
        text,
        Code(text),
        Facts(text, [(column, text)]),
        Table(text, (column, column), [(text, text)]),
        Matrix(Table(text, (column, column), [(text, Cell(3, COUNT, "right-1"))])),
        ChartFigure(text, svg, (("train", "─", text),), text),
        Pictures(Table(text, (column,), [(text,)]), ((text, text),), (b"",)),
    )
    return Document(text, text, (Section(text, blocks, anchor="a"), Section(text, anchor="b")))


@pytest.mark.parametrize(
    "text", [*map(printable, (*TEXTS, *HOSTILE_TEXTS)), *MARKUP_TEXTS, *HTML_TEXTS]
)
def test_no_text_becomes_markup(text: str) -> None:
    plain, hostile = Checker(as_html(document_with("plain"))), Checker(as_html(document_with(text)))
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert hostile.texts.count(text) >= plain.texts.count("plain") > 10
    marks = re.compile(r"(?<!\\)[|`*<\[#]")
    body = as_markdown(document_with(text)).split("\n")
    expected = as_markdown(document_with("plain")).split("\n")
    assert len(body) == len(expected)
    for line, other in zip(body, expected, strict=True):
        is_code = other == "    plain"
        assert is_code or marks.findall(line.replace("\\\\", "")) == marks.findall(other)


def test_a_page_requests_nothing_from_elsewhere() -> None:
    text = as_html(document_with("plain"))
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|//|@import|<script|javascript:", text)
    assert re.findall(r'(?:src|href)="(?!#|data:)', text) == []


def test_a_page_of_one_section_has_no_table_of_contents() -> None:
    document = Document("t", "o", (Section("s", anchor="a"), Section("part", level=3)))
    assert "<nav" not in as_html(document)
    assert "<nav" in as_html(document_with("plain"))


def test_a_confusion_matrix_shades_mistakes_early() -> None:
    matrix = Matrix(confusion_table(("a", "b"), ((96, 4), (0, 10))))
    text = as_html(Document("t", "o", (Section("s", (matrix,)),)))
    assert '<td class="right-5">96</td><td class="wrong-3">4</td>' in text
    assert '<td class="none">0</td><td class="right-5">10</td>' in text


def test_a_png_is_what_other_programs_read() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    image = Image.open(io.BytesIO(grey_png(pixels.tobytes(), 28)))
    assert (image.mode, image.size) == ("L", (28, 28))
    assert np.array_equal(np.asarray(image), pixels)


def svg_of(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert root.attrib["role"] == "img"
    return root


def numbers_of(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def test_curves_lie_where_their_values_are() -> None:
    chart = loss_of(full_session(), NUM_COLUMNS)
    root = svg_of(chart_svg(chart, "loss", 1))
    train, val = [numbers_of(line.attrib["points"]) for line in root.iter("polyline")]
    assert len(train) == 50
    assert all(left < right for (left, _), (right, _) in itertools.pairwise(train))
    # Five of ten epochs are half of the axis; a loss that falls goes down, and down is greater.
    assert train[-1][0] == pytest.approx((54 + WIDTH - 14) / 2, abs=0.1)
    assert train[0][1] < train[-1][1] < HEIGHT
    star = next(text for text in root.iter("text") if text.text == "★")
    assert (float(star.attrib["x"]), float(star.attrib["y"])) in val


def test_a_million_points_are_few_and_spikes_survive() -> None:
    loss = np.full(100_000, 0.5)
    loss[70_000] = 0.9
    steps = range(1, 100_001)
    columns = columns_of(steps, lambda epoch: float(loss[round(epoch * 10) - 1]))
    text = chart_svg(loss_of(session_of(columns), NUM_COLUMNS), "loss", 1)
    points = numbers_of(next(svg_of(text).iter("polyline")).attrib["points"])
    assert len(points) <= 2 * NUM_COLUMNS
    assert len({y for _, y in points}) > 1


def test_events_are_marked_and_their_words_escaped() -> None:
    events = [
        ChartEvent(20, 0.0, "‖", "paused <b>", "waiting"),
        ChartEvent(40, 0.0, "▪", "saved", "quiet", is_quiet=True),
    ]
    root = svg_of(chart_svg(accuracy_of(full_session(events=events), NUM_COLUMNS), "a", 1))
    classes = [element.attrib.get("class") for element in root.iter()]
    assert classes.count("saved") == 1
    assert [text.text for text in root.iter("text") if text.attrib["class"] == "event"] == [
        "‖ paused <b>"
    ]
