"""Estimate and layers of the network, as they are shown beside the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from mnist_tui.tui.sessions.session_tables import layer_table
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.text_writer import table_lines

if TYPE_CHECKING:
    from mnist_tui.training.parameters.split_sizes import SplitSizes
    from mnist_tui.tui.forms.form_estimate import Estimate


def estimate_text(estimate: Estimate) -> Content:
    """Return the size of the sessions and how long they will train, one fact per line."""
    weights = f"{estimate.summary['num_parameters']:,} weights"
    size = formatting.num_bytes(estimate.checkpoint_bytes)
    lines = [
        Content.assemble(
            (f"{estimate.parameters.model}: {weights}", "bold"), f", checkpoint {size}"
        ),
        *([Content(_images(estimate.images))] if estimate.images else ()),
        Content(_time(estimate)),
    ]
    if estimate.num_sessions > 1:
        lines.append(Content(_all_of_them(estimate)))
    if estimate.short_bytes is not None:
        left = formatting.num_bytes(estimate.short_bytes)
        lines.append(Content.styled(f"! only {left} left on the disk", "$tone-waiting"))
    return Content("\n").join(lines)


def layers_text(summary: dict[str, Any]) -> Content:
    """Return the layers of a network: kind, output shape and weights, one a line."""
    table = layer_table(summary["layers"]).select("kind", "output shape", "weights")
    return content_of(table_lines(table)[1:])


def _images(sizes: SplitSizes) -> str:
    return f"images: {sizes.train:,} train, {sizes.validation:,} validation, {sizes.test:,} test"


def _time(estimate: Estimate) -> str:
    if estimate.alike is None:
        return "time: not known yet, no session has trained alike"
    told = f"as #{estimate.alike.session_id}, {formatting.rate(estimate.alike.images_per_s)} img/s"
    if estimate.first is None:
        return f"time: known once the data is here ({told})"
    epochs = formatting.count_of(estimate.parameters.epochs, "epoch")
    each, total = map(formatting.seconds, estimate.first)
    return f"epoch {each}, {epochs} {total} ({told})"


def _all_of_them(estimate: Estimate) -> str:
    slots = formatting.count_of(estimate.slots, "slot")
    took = (
        f"{formatting.seconds(estimate.wall_s)} in {slots}"
        if estimate.wall_s is not None
        else "time not known yet"
    )
    return f"first of {estimate.num_sessions}; all of them: {took}"
