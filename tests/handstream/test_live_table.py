"""The live table: what every camera shows just now."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from rich.console import Console

from events.examples import example_prediction
from events.prediction import Status
from handstream.live_table import LiveTable
from tests.handstream.records import prediction


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _draw(table: LiveTable) -> list[str]:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return [line.strip() for line in console.file.getvalue().splitlines() if line.strip()]


def _rows(table: LiveTable) -> list[list[str]]:
    lines = _draw(table)
    first = next(index for index, line in enumerate(lines) if line.startswith("─")) + 1
    end = next(index for index, line in enumerate(lines) if " predictions " in line)
    return [line.split() for line in lines[first:end]]


def _cameras(table: LiveTable) -> list[str]:
    return [row[0] for row in _rows(table)]


def test_empty() -> None:
    lines = _draw(LiveTable(clock=Clock(), title="predictions"))
    assert lines[0] == "predictions"
    assert lines[-1].startswith("0 predictions")


def test_a_row_shows_the_newest_prediction_of_its_camera() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    table.update(prediction(1), clock.now)
    hand = replace(example_prediction().hands[0], gesture="fist", confidence=0.5)
    table.update(prediction(2, hands=(hand, hand)), clock.now)
    clock.now += 1.5
    assert _rows(table) == [["door", "fist", "50%", "2", "41", "1.3", "ok", "1.5", "s"]]


def test_without_a_hand() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    table.update(prediction(hands=(), status=Status.NO_HAND), clock.now)
    assert _rows(table)[0][:4] == ["door", "-", "0", "41"]


def test_frames_a_second_over_a_sliding_window() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    for frame in range(100):
        clock.now = 100 + frame / 20
        table.update(prediction(frame), clock.now)
    assert table.totals.frames_per_second == 20
    clock.now += 1.5
    assert 9 < table.totals.frames_per_second < 11
    clock.now += 10
    assert table.totals.frames_per_second == 0


def test_silent_cameras_stand_last_newest_first() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    for camera, at in (("old", 90.0), ("older", 80.0), ("b", 99.0), ("a", 98.0)):
        table.update(prediction(camera=camera), at)
    assert _cameras(table) == ["a", "b", "old", "older"]
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system="standard")
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    dim = [line for line in console.file.getvalue().splitlines() if "\x1b[2m" in line]
    assert ["old " in dim[0], "older " in dim[1], len(dim)] == [True, True, 2]


def test_more_cameras_than_rows() -> None:
    clock = Clock()
    table = LiveTable(clock=clock, max_rows=2)
    for camera in "abcde":
        table.update(prediction(camera=camera), clock.now)
    assert _cameras(table) == ["a", "b"]
    assert "3 more cameras" in " ".join(_draw(table)[-2:])


def test_totals() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    captured_at = example_prediction().captured_at
    for milliseconds in range(1, 101):
        processed_at = captured_at + timedelta(milliseconds=milliseconds)
        table.update(prediction(processed_at=processed_at), clock.now)
    assert (table.totals.lag, table.totals.dead_letters) == (None, None)
    table.set_lag(1234)
    table.set_dead_letters(5)
    totals = table.totals
    assert (totals.predictions, totals.lag, totals.dead_letters) == (100, 1234, 5)
    assert (totals.latency_p50_ms, totals.latency_p95_ms) == (50, 95)
    caption = " ".join(_draw(table)[-2:])
    for part in ("100 predictions", "p50 50 ms, p95 95 ms", "lag 1,234 frames", "5 dead letters"):
        assert part in caption


def test_a_camera_named_like_markup() -> None:
    table = LiveTable(clock=Clock())
    table.update(prediction(camera="[red]door[/]"), 100.0)
    assert _cameras(table) == ["[red]door[/]"]


def test_skipped_frames_are_told_and_are_no_latency() -> None:
    clock = Clock()
    table = LiveTable(clock=clock)
    seen = prediction()
    table.update(seen, clock.now)
    late = replace(seen, status=Status.STALE, hands=(), captured_at=seen.captured_at - timedelta(seconds=60))
    table.update(late, clock.now)

    assert (table.totals.predictions, table.totals.stale) == (2, 1)
    assert table.totals.latency_p95_ms == seen.latency_ms
    assert "1 skipped" in " ".join(_draw(table))
    assert "stale" in _rows(table)[0]
