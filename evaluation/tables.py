"""An evaluation for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evaluation.evaluation import Evaluation
from evaluation.evaluation import Group as Figures
from evaluation.subject import Subject
from evaluation.wording import (
    RULES,
    Headline,
    headlines,
    interval,
    misses_in_short,
    model_names,
    notes,
    percent,
    said,
    score,
)
from evaluation.worst import worst

MISTAKES_SHOWN = 10
MISSES_SHOWN = 20


def tables(evaluation: Evaluation, subject: Subject) -> Group:
    first = Text(f"{subject.what}, by {model_names(evaluation)}")
    return Group(first, headline_table(headlines(evaluation)), *details(evaluation, subject))


def details(evaluation: Evaluation, subject: Subject) -> list[RenderableType]:
    """What stands below the headlines."""
    parts: list[RenderableType] = [_classes(evaluation)]
    if evaluation.misses:
        parts += [_mistakes(evaluation), _misses(evaluation)]
    parts.append(Text(f"  {_told_of_misses(evaluation)}\n"))
    if len(evaluation.groups) > 1:
        parts.append(_groups(f"{subject.grouped_by}s".capitalize(), evaluation.groups))
    if len(evaluation.models) > 1:
        parts.append(_groups("Models", evaluation.models))
    if evaluation.latency:
        parts.append(_latency(evaluation))
    lines = Text("\n").join(Text(line) for line in (*notes(evaluation, subject), *RULES[:2]))
    return [*parts, Padding(lines, (0, 0, 1, 2))]


def headline_table(found: Sequence[Headline]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column("what")
    table.add_column("value", justify="right", style="bold")
    table.add_column("of", style="dim")
    for one in found:
        table.add_row(one.name, one.value, one.aside)
    return table


def _classes(evaluation: Evaluation) -> Table:
    table = _table("Classes", "class", "pictures", "precision", "recall", "interval of recall", "F1", "hand found")
    for one in evaluation.classes:
        table.add_row(
            Text(one.name),
            f"{one.support:,}",
            percent(one.precision.value),
            percent(one.recall.value),
            interval(one.recall),
            score(one.f1),
            percent(one.detection.value),
        )
    return table


def _mistakes(evaluation: Evaluation) -> Table:
    table = Table(title="Most frequent mistakes", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("label")
    table.add_column("said")
    table.add_column("pictures", justify="right")
    for label, word, count in evaluation.confusion.mistakes()[:MISTAKES_SHOWN]:
        table.add_row(Text(label), Text(word), f"{count:,}")
    return table


def _misses(evaluation: Evaluation) -> Table:
    table = Table(title="Misses, worst first", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("label")
    table.add_column("said")
    table.add_column("where", overflow="fold")
    for one in worst(evaluation.misses, count=MISSES_SHOWN):
        file = f" {one.source}" if one.is_still and one.source != one.place else ""
        table.add_row(Text(one.label), Text(said(one)), Text(f"{one.place}{file}"))
    return table


def _told_of_misses(evaluation: Evaluation) -> str:
    listed = "; --out and --json list them all" if len(evaluation.misses) > MISSES_SHOWN else ""
    return f"{misses_in_short(evaluation)}{listed}"


def _groups(title: str, groups: Mapping[str, Figures]) -> Table:
    table = _table(
        title, title.lower()[:-1], "pictures", "right", "interval", "right, hand found", "hand found", "named wrongly"
    )
    for name, one in groups.items():
        table.add_row(
            Text(name),
            f"{one.accuracy.total:,}",
            percent(one.accuracy.value),
            interval(one.accuracy),
            percent(one.accuracy_found.value),
            percent(one.detection.value),
            percent(one.false_positives.value),
        )
    return table


def _latency(evaluation: Evaluation) -> Table:
    table = _table("Milliseconds a picture", "stage", "median", "95 % within")
    for one in evaluation.latency:
        table.add_row(one.stage, f"{one.median_ms:.1f}", f"{one.p95_ms:.1f}")
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table
