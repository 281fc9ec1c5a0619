"""Figures of the last seconds."""

from __future__ import annotations

import pytest

from gateway.rolling import RollingCounts, RollingQuantiles, RollingRate


def test_a_rate_is_of_the_last_seconds() -> None:
    rate = RollingRate(seconds=5, most=1000)
    for number in range(100):
        rate.add(number / 10)
    assert rate.per_second(10) == pytest.approx(10, abs=0.3)
    assert rate.per_second(12) == pytest.approx(6, abs=0.3)
    assert rate.per_second(100) == 0


def test_a_rate_beyond_what_is_remembered_is_still_right() -> None:
    rate = RollingRate(seconds=5, most=50)
    for number in range(1000):
        rate.add(number / 100)
    assert rate.per_second(10) == pytest.approx(100, rel=0.05)


def test_quantiles_forget() -> None:
    latency = RollingQuantiles(seconds=60, most=1000)
    assert latency.quantiles(0.5, now=0) == (None,)
    for number in range(1, 101):
        latency.add(float(number), 0)
    assert latency.quantiles(0.5, 0.95, 1.0, now=1) == (50, 95, 100)
    latency.add(7.0, 70)
    assert latency.quantiles(0.5, 0.95, now=71) == (7, 7)


def test_counts_are_of_the_last_minutes_and_of_a_bounded_number_of_names() -> None:
    counts = RollingCounts(seconds=300, names=3)
    for now in range(0, 600, 10):
        counts.add("fist" if now < 500 else "palm", now)
    found = counts.counts(600)
    assert found["palm"] == 10
    assert found["fist"] == pytest.approx(20, abs=1)
    for number in range(100):
        counts.add(f"name {number}", 600)
    assert len(counts.counts(601)) == 3
    assert counts.counts(2000) == {}
