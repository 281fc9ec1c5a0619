"""The figures of a run, for a person."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from handstream.demo.tally import Tally


def summary_table(tally: Tally, *, published: int, dead_letters: int, seconds_to_first: float | None) -> Table:
    """What is printed at the end."""
    table = Table(title="Summary", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("frames published", f"{published:,}")
    table.add_row("predictions", f"{tally.predictions:,}")
    if tally.stale:
        table.add_row("… of frames skipped as too old", f"{tally.stale:,}")
    table.add_row("dead letters", f"{dead_letters:,}")
    table.add_row("end-to-end latency p50", _milliseconds(tally.latency_seconds(0.50)))
    table.add_row("end-to-end latency p95", _milliseconds(tally.latency_seconds(0.95)))
    table.add_row("start to first prediction", "none" if seconds_to_first is None else f"{seconds_to_first:.1f} s")
    _add_accuracy(table, tally)
    return table


def live_lines(tally: Tally) -> Text | None:
    """What is shown below the live table, short enough for its width; None without labelled frames."""
    score = tally.score
    if not score.held + score.rest:
        return None
    delay = score.delay_seconds(0.5)
    right = f"{score.held_right / score.held:.1%} right" if score.held else "none yet"
    transition = f"in transition: {score.transition:,} frames, {score.transition_misnamed:,} misnamed"
    shown = f"events: {score.correct:,} correct, {score.missed:,} missed, {score.spurious:,} spurious"
    lines = (
        f"held gestures: {right}  ·  {transition}",
        shown if delay is None else f"{shown}, median delay {delay:.2f} s",
    )
    return Text("\n".join(lines))


def _add_accuracy(table: Table, tally: Tally) -> None:
    score = tally.score
    table.add_section()
    table.add_row("accuracy on held gestures", _share(score.held_right, score.held))
    table.add_row("accuracy on hands at rest", _share(score.rest_right, score.rest))
    table.add_row("frames in transition", f"{score.transition:,}")
    table.add_row("… named as another gesture", f"{score.transition_misnamed:,}")
    delay, per_minute = score.delay_seconds(0.5), score.spurious_per_minute
    table.add_section()
    table.add_row("gesture events, correct", f"{score.correct:,} of {score.correct + score.missed:,}")
    table.add_row("… missed", f"{score.missed:,}")
    table.add_row(
        "… spurious", f"{score.spurious:,}" + ("" if per_minute is None else f"  ({per_minute:.1f} a minute)")
    )
    table.add_row("… median delay", "none" if delay is None else f"{delay:.2f} s")


def _milliseconds(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds * 1000:.0f} ms"


def _share(right: int, total: int) -> str:
    return f"{right / total:.3f}  ({right:,} of {total:,})" if total else "no such frames"
