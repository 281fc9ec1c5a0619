"""Confusion matrix and reliability curve as pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.calibration import BINS, Calibration
from evaluation.classes import Confusion, is_right
from evaluation.wording import percent
from events.prediction import NO_GESTURE

DPI = 120
MOST_LABELS = 40
INK = "#333333"
_PALE = "#dddddd"
# Blue and vermilion of Okabe and Ito, which people with any kind of colour vision tell apart: right, and wrong.
RIGHT, WRONG = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
_DARK_SHARE = 0.55
# A single picture of a thousand must still be seen.
_FAINTEST = 0.12


def draw_confusion(confusion: Confusion) -> bytes:
    """PNG: labels downwards, what was said across. The colour is the share of the label's pictures.

    Of more than forty labels, those with most pictures.
    """
    confusion = confusion.largest(MOST_LABELS)
    rows, columns = len(confusion.labels), len(confusion.said)
    figure = Figure(figsize=(2.6 + 0.46 * columns, 2.2 + 0.4 * rows), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    for row, label in enumerate(confusion.labels):
        _draw_row(axes, confusion, row, label)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xticks(range(columns), literal(confusion.said), rotation=50, ha="left", rotation_mode="anchor", fontsize=9)
    axes.set_yticks(range(rows), literal(confusion.labels), fontsize=9)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("what was said", fontsize=10, color=INK, labelpad=10)
    axes.set_ylabel("label", fontsize=10, color=INK, labelpad=10)
    axes.set_xticks([place - 0.5 for place in range(1, columns)], minor=True)
    axes.set_yticks([place - 0.5 for place in range(1, rows)], minor=True)
    axes.grid(which="minor", color="#eeeeee", linewidth=0.7)
    # What is no gesture stands apart.
    axes.axvline(columns - 2.5, color="#888888", linewidth=0.9)
    if NO_GESTURE in confusion.labels and rows > 1:
        axes.axhline(rows - 1.5, color="#888888", linewidth=0.9)
    axes.tick_params(which="both", length=0, colors=INK)
    axes.tick_params(axis="x", pad=7)
    plain(axes)
    explained = "Blue is right, orange is wrong. At the end\nof a row: how many of its pictures are right."
    figure.supxlabel(explained, x=0.01, ha="left", fontsize=8, color=INK, linespacing=1.4)
    return png(figure)


def _draw_row(axes: Axes, confusion: Confusion, row: int, label: str) -> None:
    counts = confusion.counts[row]
    total, right = sum(counts), 0
    for column, (word, count) in enumerate(zip(confusion.said, counts, strict=True)):
        if not count:
            continue
        share = count / total
        is_hit = is_right(label, word)
        right += count * is_hit
        colour = tinted(RIGHT if is_hit else WRONG, share=max(_FAINTEST, share))
        axes.fill_between((column - 0.5, column + 0.5), row - 0.5, row + 0.5, color=colour, linewidth=0)
        axes.text(
            column, row, f"{count:,}", ha="center", va="center", fontsize=9,
            color="white" if share > _DARK_SHARE else INK,
        )  # fmt: skip
    axes.text(
        len(counts) - 0.35, row, percent(right / total), ha="left", va="center", fontsize=8.5, color=INK, clip_on=False
    )


def draw_reliability(calibration: Calibration) -> bytes:
    """PNG: the share of right hands over the probability that was said, with 95 % intervals; below, how many hands."""
    figure = Figure(figsize=(5.4, 5.6), dpi=DPI, layout="constrained")
    curve, counts = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    curve.plot((0, 1), (0, 1), color="#888888", linewidth=1, linestyle="--")
    curve.text(0.04, 0.075, "as sure as right", fontsize=8.5, color="#666666", rotation=45, rotation_mode="anchor")
    said = [one.probability for one in calibration.bins]
    right = [one.right.value for one in calibration.bins]
    below = [one.right.value - one.right.low for one in calibration.bins]
    above = [one.right.high - one.right.value for one in calibration.bins]
    blue = tinted(RIGHT, share=1.0)
    curve.errorbar(
        said, right, yerr=(below, above), color=blue, ecolor=tinted(RIGHT, share=0.5), marker="o", markersize=5,
        linewidth=1.6, elinewidth=1.4, capsize=3,
    )  # fmt: skip
    curve.set_ylim(0, 1.02)
    curve.set_ylabel("share of hands that are right", fontsize=9.5, color=INK)
    middles = [(one.low + one.high) / 2 for one in calibration.bins]
    sizes = [one.right.total for one in calibration.bins]
    counts.bar(middles, sizes, width=0.92 / BINS, color=tinted(RIGHT, share=0.6))
    for middle, size in zip(middles, sizes, strict=True):
        counts.text(middle, size, f"{size:,}", ha="center", va="bottom", fontsize=8, color=INK)
    counts.set_ylim(0, max(sizes, default=1) * 1.3)
    counts.set_yticks([])
    counts.set_ylabel("hands", fontsize=9.5, color=INK)
    counts.set_xlim(0, 1)
    counts.set_xticks([step / 10 for step in range(0, 11, 2)])
    counts.set_xlabel("probability that was said", fontsize=9.5, color=INK)
    for axes in (curve, counts):
        axes.tick_params(length=0, labelsize=8.5, colors=INK)
        plain(axes)
    curve.grid(visible=True, color=_PALE, linewidth=0.6)
    curve.set_axisbelow(True)
    return png(figure)


def literal(names: Sequence[str]) -> list[str]:
    """Matplotlib takes what stands between two dollars for mathematics."""
    return [name.replace("$", r"\$") for name in names]


def tinted(colour: tuple[int, int, int], *, share: float) -> tuple[float, float, float]:
    """The colour on white: 0 is white."""
    red, green, blue = (1 - share * (1 - part / 255) for part in colour)
    return red, green, blue


def plain(axes: Axes) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    # Without the date and the library's version, the same figures give the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
