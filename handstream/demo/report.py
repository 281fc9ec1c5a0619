"""The summary of a run, for a person."""

from __future__ import annotations

from rich.table import Table

from handstream.demo.tally import Tally


def summary_table(tally: Tally, *, published: int, dead_letters: int, seconds_to_first: float | None) -> Table:
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
    table.add_row("accuracy against the labels", _share(tally.accuracy, tally.right, tally.labelled))
    table.add_row(
        "… on frames that show a gesture", _share(tally.gesture_accuracy, tally.gesture_right, tally.gesture_labelled)
    )
    table.add_row("start to first prediction", "none" if seconds_to_first is None else f"{seconds_to_first:.1f} s")
    return table


def _milliseconds(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds * 1000:.0f} ms"


def _share(share: float | None, right: int, total: int) -> str:
    return "no labels" if share is None else f"{share:.3f}  ({right:,} of {total:,})"
