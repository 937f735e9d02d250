"""Galleries of scored images: predictions, the images of a cell, mistakes and disagreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from mnist_tui.tui.evaluation.gallery import CAPTION_WIDTH, Gallery
from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.evaluation.scored_images import (
    all_in_order,
    disagreements,
    drawn_at_random,
    in_cell,
    moved,
    wrong,
)
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.tui.evaluation.page_state import Hint, PageState
    from mnist_tui.tui.evaluation.scored_images import Places, Scored, ScoredPair
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

NUM_DRAWN = 24
"""Images drawn at random: as many as are scored during training."""
RIGHT, WRONG = ("✓ right", "good"), ("✗ wrong", "bad")


def scored_gallery(pair: ScoredPair, state: PageState) -> Gallery:
    """Return the images that a state shows, with the words of one model or of two."""
    scored, places = pair.scored, _places(pair, state)
    is_of_cell = state.kind is PageKind.CELL
    other = pair.other if state.kind in (PageKind.CELL, PageKind.ALL) else None
    models = [("here", scored)] + ([(pair.other_name, other)] if other else [])

    def read_pixels(some: Sequence[int]) -> NDArray[np.uint8] | None:
        return pair.read_pixels(scored.images[some])

    def captions(place: int) -> tuple[Line, Line]:
        if len(models) == 2:
            first, second = (_model_caption(*model, place) for model in models)
            return first, second
        return _captions(scored, place, names_classes=not is_of_cell)

    def tables() -> list[Table]:
        if other is not None:
            return [disagreement_table(scored, other, pair.other_name, places)]
        # A random selection is not worth exporting: all images are.
        is_random = state.kind is PageKind.PREDICTIONS
        exported = all_in_order(scored, only_wrong=state.only_wrong) if is_random else places
        return [_image_table(scored, exported)]

    return Gallery(
        title=_title(pair, state, len(places)),
        hints=_hints(pair, state),
        classes=scored.classes,
        models=[model.probabilities for _, model in models],
        places=places,  # type: ignore[arg-type]  # an array of them serves as a sequence
        read_pixels=read_pixels,
        captions=captions,
        facts=lambda place, number: _facts(models, place, number),
        sentence=lambda place: _sentence(models, place),
        tables=tables,
        explanation=_explanation(pair, state),
        labels=scored.labels,
    )


def score_sentence(scored: Scored) -> str:
    """Return the number of images that were recognised, and the epoch of the model."""
    num_right, total = int(scored.is_right.sum()), len(scored.labels)
    when = f"epoch {scored.epoch:.4g}"
    if scored.is_live:
        return f"live, {when}: {num_right} of {total} right"
    return f"{when}: {formatting.percent(num_right / total)} % of {total:,} right"


def disagreement_table(scored: Scored, other: Scored, other_name: str, places: Places) -> Table:
    """Return a row per image that two models classify differently."""
    names = [printable(name) for name in scored.classes]
    rows: list[tuple[Value, ...]] = [
        (int(scored.images[place]), names[int(scored.labels[place])],
         names[int(scored.predicted[place])], float(scored.confidences[place]),
         names[int(other.predicted[place])], float(other.confidences[place]))
        for place in places.tolist()
    ]  # fmt: skip
    columns = (
        "image", "true", "predicted here", "confidence here", f"predicted by {other_name}",
        f"confidence of {other_name}",
    )  # fmt: skip
    return raw_table("disagreements", columns, rows)


def _image_table(scored: Scored, places: Places) -> Table:
    """Return a row per image: its number, both classes and all probabilities."""
    names = [printable(name) for name in scored.classes]
    rows: list[tuple[Value, ...]] = [
        (int(scored.images[place]), names[int(scored.labels[place])],
         names[int(scored.predicted[place])], bool(scored.is_right[place]),
         *map(float, scored.probabilities[place]))
        for place in places.tolist()
    ]  # fmt: skip
    columns = ("image", "true", "predicted", "is right", *(f"p({name})" for name in names))
    return raw_table("predictions", columns, rows)


def _places(pair: ScoredPair, state: PageState) -> Places:
    scored, other = pair.scored, pair.other
    match state.kind:
        case PageKind.CELL if state.cell is not None:
            if other is None:
                return in_cell(scored, *state.cell)
            return moved(scored, other, *state.cell)
        case PageKind.ALL:
            return wrong(scored) if other is None else disagreements(scored, other)
        case _ if scored.is_live:
            return all_in_order(scored, only_wrong=state.only_wrong)
        case _:
            return drawn_at_random(scored, state.seed, NUM_DRAWN, only_wrong=state.only_wrong)


def _title(pair: ScoredPair, state: PageState, num_images: int) -> str:
    count = formatting.count_of(num_images, "image")
    if state.kind is PageKind.CELL and state.cell is not None:
        true, predicted = (printable(pair.scored.classes[number]) for number in state.cell)
        order = ", most confident first" if pair.other is None else ", by one of the two alone"
        return f"true {true}, taken for {predicted}{order}: {count}"
    if state.kind is PageKind.ALL and pair.other is not None:
        return f"here and {pair.other_name} disagree, surest first: {count}"
    if state.kind is PageKind.ALL:
        return f"taken for something else, most confident first: {count}"
    return score_sentence(pair.scored) + ("  wrong ones only" if state.only_wrong else "")


def _hints(pair: ScoredPair, state: PageState) -> list[Hint]:
    if state.kind is not PageKind.PREDICTIONS:
        return [("esc", "matrix")]
    only = (find("show_only").key, "all" if state.only_wrong else "only wrong")
    others = (find("draw_others").key, "others")
    return [only] if pair.scored.is_live else [others, only]


def _explanation(pair: ScoredPair, state: PageState) -> str:
    """Return the reason why there is no image."""
    if state.kind is PageKind.PREDICTIONS:
        return f"None of these is taken for something else; {find('show_only').key} shows all."
    if state.kind is PageKind.CELL:
        return "There is no image in this cell; escape goes back to the matrix."
    if pair.other is None:
        return "No image is taken for something else."
    return "The two models give every image the same class."


def _captions(scored: Scored, place: int, *, names_classes: bool) -> tuple[Line, Line]:
    """Return verdict and confidence, then the classes unless they are the same for all images."""
    number = f"#{scored.images[place]}"
    glyph, tone = _verdict(scored, place)
    confidence = f"{formatting.whole_percent(float(scored.confidences[place]))} %"
    first = line_of((glyph, tone), confidence.rjust(CAPTION_WIDTH - len(glyph)))
    classes = _classes(scored, place) if names_classes else ""
    if cell_len(classes) + 1 + len(number) <= CAPTION_WIDTH:
        return first, line_of(fit(classes, CAPTION_WIDTH - len(number)), (number, "muted"))
    return first, line_of(fit(classes, CAPTION_WIDTH))


def _classes(scored: Scored, place: int) -> str:
    true, predicted = _name(scored, scored.labels[place]), _name(scored, scored.predicted[place])
    if scored.is_right[place]:
        return true
    return f"{fit(true, min(len(true), CAPTION_WIDTH - 1 - min(len(predicted), 7)))}→{predicted}"


def _model_caption(model_name: str, scored: Scored, place: int) -> Line:
    glyph, tone = _verdict(scored, place)
    name = _name(scored, scored.predicted[place])
    return line_of((f"{glyph[0]} ", tone), fit(f"{fit(model_name, 4)} {name}", CAPTION_WIDTH - 2))


def _facts(models: Sequence[tuple[str, Scored]], place: int, number: str) -> list[Line]:
    scored = models[0][1]
    facts = [
        line_of((f"image #{scored.images[place]}", "bold")),
        line_of((number, "muted")),
        EMPTY,
        line_of(("true  ", "muted"), _name(scored, scored.labels[place])),
    ]
    is_alone = len(models) == 1
    for model_name, model in models:
        label = "predicted" if is_alone else model_name
        indent = "" if is_alone else "  "
        facts += [
            line_of((f"{label}  ", "muted"), _name(model, model.predicted[place])),
            line_of(indent, _verdict(model, place), f" at {_percent(model, place)} %"),
        ]
    return facts


def _sentence(models: Sequence[tuple[str, Scored]], place: int) -> str:
    scored, is_alone = models[0][1], len(models) == 1
    answers = ", ".join(
        f"{'predicted' if is_alone else name} {_name(model, model.predicted[place])}"
        f" at {_percent(model, place)} %, {'right' if model.is_right[place] else 'wrong'}"
        for name, model in models
    )
    return f"image #{scored.images[place]}: true {_name(scored, scored.labels[place])}, {answers}"


def _verdict(scored: Scored, place: int) -> tuple[str, str]:
    return RIGHT if scored.is_right[place] else WRONG


def _percent(scored: Scored, place: int) -> str:
    return formatting.percent(float(scored.confidences[place]))


def _name(scored: Scored, label: int | np.integer) -> str:
    return printable(scored.classes[int(label)])
