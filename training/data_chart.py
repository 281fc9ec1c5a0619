"""The data report as a picture."""

from __future__ import annotations

import io
from collections import Counter

from matplotlib.figure import Figure

from events.prediction import NO_GESTURE
from training.data_report import DataReport

DPI = 120
_WIDTH_INCHES = 9.0
# Okabe and Ito's colours, which people with any kind of colour vision tell apart; grey for the rest.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_REST = "#999999"
_INK = "#333333"


def draw_chart(report: DataReport) -> bytes:
    """PNG: hands of each class, split by source."""
    names = list(report.classes)
    figure = Figure(figsize=(_WIDTH_INCHES, 1.6 + 0.28 * max(4, len(names))), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    lefts = [0] * len(names)
    for source, colour in _series(report).items():
        widths = [_of_source(report, name, source) for name in names]
        # The space: a name that begins with "_" would be left out of the legend.
        axes.barh(names, widths, left=lefts, color=colour, label=f" {source or 'other sources'}", height=0.72)
        lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
    axes.margins(y=0.015)
    longest = max(lefts, default=1)
    for row, total in enumerate(lefts):
        axes.text(total + longest * 0.008, row, f"{total:,}", va="center", fontsize=8, color=_INK)
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.08)
    axes.set_xlabel("hands", color=_INK)
    axes.set_title(f"{report.hands:,} hands, {_title(names)}", loc="left", fontsize=12, color=_INK, pad=12)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=9, colors=_INK)
    axes.tick_params(axis="x", labelsize=8, colors=_INK)
    axes.xaxis.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(report.sources) > 1:
        legend = figure.legend(loc="outside lower left", fontsize=8, frameon=False, ncols=2)
        for text in legend.get_texts():
            text.set_parse_math(False)
    buffer = io.BytesIO()
    # Without the date and the library's version, the same data give the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _title(names: list[str]) -> str:
    gestures = sum(name != NO_GESTURE for name in names)
    return f"{gestures} gestures" + (f" and {NO_GESTURE}" if NO_GESTURE in names else "")


def _series(report: DataReport) -> dict[str | None, str]:
    """Colour of each source, largest first; None stands for those that there is no colour for."""
    sizes: Counter[str] = Counter()
    for by_source in report.classes.values():
        sizes.update(by_source)
    named = [name for name, _ in sizes.most_common(len(_COLOURS))]
    series: dict[str | None, str] = dict(zip(named, _COLOURS, strict=False))
    return {**series, None: _REST} if len(sizes) > len(named) else series


def _of_source(report: DataReport, name: str, source: str | None) -> int:
    if source is not None:
        return report.classes[name].get(source, 0)
    named = _series(report)
    return sum(count for other, count in report.classes[name].items() if other not in named)
