"""Ratios within a turn, and the bars."""

from __future__ import annotations

import pytest

from benchmarks.ratios import Bar, bars, ratios
from tests.benchmarks.runs import idle, latency, results, run


def bar(found: list[Bar], title: str) -> Bar:
    (one,) = [bar for bar in found if bar.title == title]
    return one


def test_ratios_are_taken_within_a_turn() -> None:
    # In the second turn the machine was half as fast for both.
    found = results(
        run("mediapipe-loop", 80.0),
        run("handstream", 100.0),
        run("mediapipe-loop", 40.0, turn=1),
        run("handstream", 48.0, turn=1),
    )
    assert ratios([found], group="live", under={"mediapipe-loop"}) == pytest.approx([1.25, 1.2])


def test_ratios_do_not_cross_files_groups_or_numbers_of_cameras() -> None:
    first = results(run("handstream", 100.0), run("mediapipe-loop", 50.0, group="stills"))
    second = results(run("mediapipe-loop", 80.0), run("handstream", 60.0, cameras=1))
    assert ratios([first, second], group="live", under={"mediapipe-loop"}) == []


def test_the_best_peer_is_that_of_each_turn() -> None:
    found = results(
        run("handstream", 100.0),
        run("kafka-python-2", 40.0),
        run("quix-2", 50.0),
        # Looks for one hand only, so it is none of them.
        run("http-1", 95.0),
    )
    best = bar(bars([found]), "best peer tracking two hands")
    assert best.values == pytest.approx([2.0])
    assert best.is_met is True


def test_bars_of_the_time_per_frame_and_of_latency_are_maxima() -> None:
    found = results(latency=[latency(), latency(load=0.9, p50_ms=500.0)], idle=[idle(cpu_ms_per_frame=1.4)])
    median_above = bar(bars([found]), "at 60 % load, median latency above median inference")
    assert (median_above.values, median_above.is_met) == ([6.0], True)
    cost = bar(bars([found]), "idle camera, CPU of the workers per frame")
    assert (cost.values, cost.is_met) == ([1.4], False)
    detection = bar(bars([found]), "idle camera, slowest detection of a hand that appears")
    assert (detection.values, detection.is_met) == ([90.0], True)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {one.is_met for one in bars([results()])} == {None}
