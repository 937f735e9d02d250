"""Gallery of out-of-distribution images: the model's answers, and how steady they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.gallery import CAPTION_WIDTH, FACTS_WIDTH, Gallery
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.analysis.agreement import Agreement
    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.evaluation.page_state import Hint, PageState
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.styled_lines import Line
    from mnist_tui.tui.text.table import Table

SAME, DIFFERENT = ("same", "good"), ("differ", "waiting")


def outlier_gallery(comparison: OutlierComparison, state: PageState) -> Gallery:
    """Return the images of one test, all of them or those with different answers."""
    answers = comparison.own.answers
    places = comparison.places(only_different=state.only_wrong)
    return Gallery(
        title=_title(comparison, only_different=state.only_wrong),
        hints=_hints(comparison, state),
        classes=comparison.classes,
        models=[answers.probabilities],
        places=places,
        read_pixels=lambda some: answers.images[list(some)],
        captions=lambda place: _captions(comparison, place),
        facts=lambda place, number: _facts(comparison, place, number),
        sentence=lambda place: _sentence(comparison, place),
        tables=lambda: [_table(comparison, places)],
        explanation=_explanation(comparison),
        summary=_summary(comparison),
    )


def _title(comparison: OutlierComparison, *, only_different: bool) -> str:
    """Return how well the scores separate these images from the test set, and their source."""
    test = comparison.own.test
    energy, softmax = map(formatting.area, (test.auroc_energy, test.auroc_softmax))
    source = "differing ones only" if only_different else printable(test.source, 200)
    return f"epoch {test.epoch:.4g}: AUROC {energy} energy {softmax} softmax, {source}"


def _summary(comparison: OutlierComparison) -> list[str]:
    own = comparison.own
    frequent, count = own.most_frequent
    total = f"{len(comparison.all_places):,}"
    facts = [
        f"AUROC 1 separates them from {own.test.num_known:,} test images, 0.5 is chance",
        f"most often taken for {_name(comparison, frequent)}, {count:,} of {total}",
        f"{formatting.percent(float(own.greatest.mean()))} % sure on average",
    ]
    if comparison.over_passes is None:
        facts.append("no dropout, so repeats are identical")
    else:
        num_same = sum(agreement.is_same for agreement in comparison.over_passes)
        facts.append(f"{own.test.num_passes} passes with dropout: {num_same:,} of {total} same")
    if comparison.over_seeds is not None:
        ids = ", ".join(f"#{result.record.id}" for result in comparison.seeds)
        num_same = sum(agreement.is_same for agreement in comparison.over_seeds)
        facts.append(f"other seeds, {ids}: {num_same:,} of {total} same")
    return facts


def _hints(comparison: OutlierComparison, state: PageState) -> list[Hint]:
    hints = []
    if comparison.num_tests > 1:
        other = f"test {comparison.tests_back + 1} of {comparison.num_tests}"
        hints.append((find("draw_others").key, other))
    if comparison.num_same is not None:
        hints.append((find("show_only").key, "all" if state.only_wrong else "differing"))
    return [*hints, (find("outliers").key, "show others")]


def _explanation(comparison: OutlierComparison) -> str:
    key = find("show_only").key
    if comparison.num_same is None:
        return f"Without dropout or another seed, each image has only one answer; {key} shows all."
    return f"Every image gets the same answer each time; {key} shows all."


def _captions(comparison: OutlierComparison, place: int) -> tuple[Line, Line]:
    own = comparison.own
    confidence = f"{formatting.whole_percent(float(own.greatest[place]))} %"
    predicted = fit(_name(comparison, own.predicted[place]), CAPTION_WIDTH - len(confidence))
    is_same = comparison.is_same(place)
    word, tone = ("", "") if is_same is None else SAME if is_same else DIFFERENT
    name = fit(printable(own.test.names[place]), CAPTION_WIDTH - len(word) - bool(word))
    gap = " " if word else ""
    return line_of((predicted, "bold"), confidence), line_of(
        (f"{name}{gap}", "muted"), (word, tone)
    )


def _facts(comparison: OutlierComparison, place: int, number: str) -> list[Line]:
    own = comparison.own
    name = fit(printable(own.test.names[place]), FACTS_WIDTH - len(number) - 1)
    total = "it has no dropout"
    if comparison.num_same is not None:
        total = f"same for {comparison.num_same:,} of {len(comparison.all_places):,}"
    return [
        line_of((name, "bold"), (f" {number}", "muted")),
        EMPTY,
        line_of(("predicted  ", "muted"), _name(comparison, own.predicted[place])),
        line_of(f"at {formatting.percent(float(own.greatest[place]))} %"),
        *_repeats("dropout", comparison, comparison.over_passes, place),
        *_repeats("seeds", comparison, comparison.over_seeds, place),
        EMPTY,
        line_of((total, "muted")),
    ]


def _repeats(
    kind: str, comparison: OutlierComparison, agreements: list[Agreement] | None, place: int
) -> list[Line]:
    """Return True if repeated answers to an image are the same and, if not, all of them."""
    if agreements is None:
        return []
    agreement = agreements[place]
    first = line_of((f"{kind}  ", "muted"), SAME if agreement.is_same else DIFFERENT)
    if agreement.is_same:
        return [first]
    return [first, line_of(fit(f"  {_answers(comparison, agreement)}", FACTS_WIDTH))]


def _sentence(comparison: OutlierComparison, place: int) -> str:
    own = comparison.own
    parts = [
        f"{printable(own.test.names[place])}: {_name(comparison, own.predicted[place])}"
        f" at {formatting.percent(float(own.greatest[place]))} %"
    ]
    kinds = (("dropout", comparison.over_passes), ("seeds", comparison.over_seeds))
    for kind, agreements in kinds:
        if agreements is not None:
            agreement = agreements[place]
            parts.append(
                f"{kind} {'same' if agreement.is_same else _answers(comparison, agreement)}"
            )
    return ", ".join(parts)


def _table(comparison: OutlierComparison, places: Sequence[int]) -> Table:
    """Return a row per image: name, class, whether repeats agree, and all probabilities."""
    own = comparison.own
    names = [printable(name) for name in comparison.classes]
    kinds = (comparison.over_passes, comparison.over_seeds)
    rows: list[tuple[Value, ...]] = [
        (printable(own.test.names[place]), names[own.predicted[place]], float(own.greatest[place]),
         *(None if kind is None else kind[place].is_same for kind in kinds),
         *map(float, own.answers.probabilities[place]))
        for place in places
    ]  # fmt: skip
    columns = (
        "image", "predicted", "probability", "same with dropout", "same with other seeds",
        *(f"p({name})" for name in names),
    )  # fmt: skip
    return raw_table("outliers", columns, rows)


def _answers(comparison: OutlierComparison, agreement: Agreement) -> str:
    return " ".join(_name(comparison, number) for number in agreement.answers)


def _name(comparison: OutlierComparison, number: int) -> str:
    return printable(comparison.classes[number])
