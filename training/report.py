"""What a training run came to, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from rich import box
from rich.table import Table

from training.kind_figures import Interval, KindFigures
from training.selection import RULE
from training.trainer import Trained

COLUMNS = (
    "kind",
    "score",
    "accuracy",
    "macro F1",
    "training accuracy",
    "ECE",
    "FPR at 95 % recall",
    "size",
    "fit",
    "one hand",
)


def kinds_table(trained: Trained) -> Table:
    """The kinds side by side; the chosen one is marked. It fits into 80 columns."""
    table = Table(
        title="Kinds, on held-out hands", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, caption=RULE,
        caption_justify="left",
    )  # fmt: skip
    rows = [_kind_row(one, interval=_two_lines) for one in trained.figures.values()]
    table.add_column("")
    for kind in trained.figures:
        chosen = kind == trained.kind
        table.add_column(_marked(kind, trained), justify="right", no_wrap=True, style="bold" if chosen else "")
    for name, *cells in zip(COLUMNS, *rows, strict=True):
        if name != "kind":
            table.add_row(name, *cells)
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
    """A row for each kind, in the order of COLUMNS; the chosen one is marked."""
    rows = [_kind_row(one, interval=_interval) for one in trained.figures.values()]
    return [(_marked(kind, trained), *rest) for kind, *rest in rows]


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


def view_rows(trained: Trained) -> list[tuple[str, ...]]:
    """Of the chosen kind: gesture, viewpoint, hands, and the shares rightly named and taken for `no_gesture`."""
    return [
        (one.gesture, one.viewpoint, f"{one.hands:,}", _share(one.right, one.hands), _share(one.rejected, one.hands))
        for one in trained.breakdown.views
    ]


def source_rows(trained: Trained) -> list[tuple[str, ...]]:
    """Of the chosen kind: source, hands with a gesture and the share rightly named, hands clearly without one and near
    to one, each with the share named as a gesture."""
    return [
        (
            one.source,
            f"{one.gestures:,}",
            _share(one.right, one.gestures),
            f"{one.clear:,}",
            _share(one.clear_named, one.clear),
            f"{one.near:,}",
            _share(one.near_named, one.near),
        )
        for one in trained.breakdown.sources
    ]


def confusion_rows(trained: Trained) -> list[tuple[str, ...]]:
    """Of the chosen kind: what a hand shows, what it was named as, and how many hands."""
    return [(shown, named, f"{count:,}") for shown, named, count in trained.breakdown.confusions]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _kind_row(figures: KindFigures, *, interval: Callable[[Interval], str]) -> tuple[str, ...]:
    return (
        figures.kind,
        interval(figures.score),
        interval(figures.accuracy),
        interval(figures.macro_f1),
        _three(figures.training_accuracy),
        _three(figures.calibration.ece),
        _three(figures.open_sets["all"].at_recall(0.95)),
        f"{figures.size_bytes / 1000:,.0f} kB",
        f"{figures.fit_seconds:.1f} s",
        f"{figures.predict_milliseconds:.3f} ms",
    )


def _marked(kind: str, trained: Trained) -> str:
    return f"{kind} *" if kind == trained.kind else kind


def _interval(interval: Interval) -> str:
    # Where it ends at 1 it reaches farther down.
    return f"{interval.mean:.3f} ± {max(interval.high - interval.mean, interval.mean - interval.low):.3f}"


def _two_lines(interval: Interval) -> str:
    return f"{interval.mean:.3f}\n{interval.low:.3f}-{interval.high:.3f}"


def _three(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"
