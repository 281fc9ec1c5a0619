"""What a training run came to: tables for the terminal, a page and pictures for whoever looks closer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from math import isnan

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich import box
from rich.table import Table

from evaluation.charts import draw_confusion, draw_reliability
from training.kind_figures import Interval, KindFigures
from training.open_set_chart import draw_open_set
from training.selection import RULE
from training.trainer import Trained

PAGE = "training_report.html"

_COLUMNS = (
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
_TEMPLATES = Environment(
    loader=PackageLoader("training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def kinds_table(trained: Trained) -> Table:
    """The kinds side by side; the chosen one is marked."""
    table = Table(title="Kinds, on held-out hands", title_justify="left", box=box.SIMPLE_HEAD)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "kind" else "right")
    for row, kind in zip(kind_rows(trained), trained.figures, strict=True):
        table.add_row(*row, style="bold" if kind == trained.kind else "")
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


def pictures(trained: Trained) -> dict[str, bytes]:
    """PNGs by file name."""
    drawn = {"open_set.png": draw_open_set({kind: one.open_sets["all"] for kind, one in trained.figures.items()},
                                           left_out=trained.left_out, chosen=trained.kind)}  # fmt: skip
    for kind, one in trained.figures.items():
        drawn |= {
            f"confusion_{kind}.png": draw_confusion(one.confusion),
            f"reliability_{kind}.png": draw_reliability(one.calibration),
        }
    return drawn


def page(trained: Trained, drawn: Mapping[str, bytes]) -> str:
    """HTML with the pictures inside. Names of classes are escaped: they come from anywhere."""
    return _TEMPLATES.get_template("training_report.html.j2").render(
        trained=trained,
        manifest=trained.bundle.manifest,
        rule=RULE,
        columns=_COLUMNS,
        kinds=kind_rows(trained),
        classes={kind: class_rows(one) for kind, one in trained.figures.items()},
        open_sets=open_set_rows(trained),
        drawn={name: b64encode(content).decode() for name, content in drawn.items()},
    )


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
    return f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _three(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"
