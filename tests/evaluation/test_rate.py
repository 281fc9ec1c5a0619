"""Confidence intervals of shares."""

from __future__ import annotations

from math import isnan

import pytest

from evaluation.rate import Rate


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    rate = Rate(hits=hits, total=total)

    assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert rate.low <= rate.value <= rate.high


def test_of_nothing_there_is_no_share() -> None:
    rate = Rate.of([])

    assert isnan(rate.value)
    assert isnan(rate.low)
    assert isnan(rate.high)
