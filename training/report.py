"""What a training run came to, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from rich import box
from rich.table import Table

from training.kind_figures import Interval, KindFigures
from training.selection import RULE
from training.trainer import Trained

FPR = "FPR at 95 % recall"
COLUMNS = (
    "kind",
    "score",
    "accuracy",
    "macro F1",
    "training accuracy",
    "ECE",
    FPR,
    "size",
    "fit",
    "one hand",
)
# A terminal is 80 characters wide.
_ONLY_ON_THE_PAGE = ("macro F1", "training accuracy", "fit")


def kinds_table(trained: Trained) -> Table:
    """The kinds side by side; the chosen one is marked."""
    table = Table(title="Kinds, on held-out hands", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        if name not in _ONLY_ON_THE_PAGE:
            table.add_column(name, justify="left" if name == "kind" else "right", no_wrap=name != FPR)
    for row, kind in zip(kind_rows(trained), trained.figures, strict=True):
        cells = [cell for name, cell in zip(COLUMNS, row, strict=True) if name not in _ONLY_ON_THE_PAGE]
        table.add_row(*cells, style="bold" if kind == trained.kind else "")
    table.caption = RULE
    table.caption_justify = "left"
    return table


def classes_table(figures: KindFigures) -> Table:
    table = Table(title=f"Classes, {figures.kind}", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("class")
    for name in ("precision", "recall", "F1", "hands"):
        table.add_column(name, justify="right")
    for row in class_rows(figures):
        table.add_row(*row)
    return table


def kind_rows(trained: Trained) -> list[tuple[str, ...]]:
    return [_kind_row(one, chosen=kind == trained.kind) for kind, one in trained.figures.items()]


def class_rows(figures: KindFigures) -> list[tuple[str, ...]]:
    return [
        (one.name, _three(one.precision.value), _three(one.recall.value), _three(one.f1), f"{one.support:,}")
        for one in figures.classes
    ]


def open_set_rows(trained: Trained) -> Sequence[tuple[str, ...]]:
    """Of the chosen kind: where hands without a gesture come from, how many, and how many of them were named one."""
    sets = dict(trained.figures[trained.kind].open_sets)
    if trained.left_out is not None:
        sets["gestures left out"] = trained.left_out
    return [
        (name.replace("_", " "), f"{one.others:,}", _three(one.recall), _three(one.false_positive_rate),
         _three(one.at_recall(0.95)))
        for name, one in sets.items()
    ]  # fmt: skip


def _kind_row(figures: KindFigures, *, chosen: bool) -> tuple[str, ...]:
    return (
        f"{figures.kind}{' *' if chosen else ''}",
        _interval(figures.score),
        _interval(figures.accuracy),
        _interval(figures.macro_f1),
        _three(figures.training_accuracy),
        _three(figures.calibration.ece),
        _three(figures.open_sets["all"].at_recall(0.95)),
        f"{figures.size_bytes / 1000:,.0f} kB",
        f"{figures.fit_seconds:.1f} s",
        f"{figures.predict_milliseconds:.3f} ms",
    )


def _interval(interval: Interval) -> str:
    return f"{interval.mean:.3f} ± {interval.high - interval.mean:.3f}"


def _three(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"
