"""Recall of gestures against false positives, as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping

from matplotlib.figure import Figure

from training.open_set import OpenSet

DPI = 120
# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
_INK = "#333333"
_LEAST_RECALL = 0.8


def draw_open_set(kinds: Mapping[str, OpenSet], *, left_out: OpenSet | None, chosen: str) -> bytes:
    """PNG: a curve for each kind, and one for gestures that the chosen kind was never shown. A dot marks the threshold
    that was chosen."""
    figure = Figure(figsize=(6.4, 4.6), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    for (kind, one), colour in zip(kinds.items(), _COLOURS, strict=False):
        axes.plot(
            one.recalls, one.false_positive_rates, color=colour, linewidth=2.2 if kind == chosen else 1.3, label=kind
        )
        axes.plot([one.recall], [one.false_positive_rate], "o", color=colour, markersize=6)
    if left_out is not None:
        label = f"{chosen}, gestures left out"
        axes.plot(left_out.recalls, left_out.false_positive_rates, color=_INK, linestyle="--", label=label)
        axes.plot([left_out.recall], [left_out.false_positive_rate], "o", color=_INK, markersize=6)
    axes.axvline(0.95, color="#bbbbbb", linewidth=0.8)
    axes.set_xlim(_LEAST_RECALL, 1.005)
    axes.set_ylim(0, None)
    axes.set_xlabel("recall: hands with a gesture that are taken for one", color=_INK)
    axes.set_ylabel("false positives: hands without that are, too", color=_INK)
    axes.legend(frameon=False, fontsize=9)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5, colors=_INK)
    buffer = io.BytesIO()
    # Without the date and the library's version, the same figures give the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
