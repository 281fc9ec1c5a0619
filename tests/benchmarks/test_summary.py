"""Rates, percentiles and spreads."""

from __future__ import annotations

import pytest

from benchmarks.summary import Spread, middle, percentile


def test_the_rate_is_that_of_the_middle_of_a_run() -> None:
    # A second of start-up, then ten frames a second, then one straggler after a minute.
    finished_at = [1000.0] + [1001.0 + number / 10 for number in range(98)] + [1100.0]
    window = middle(finished_at)
    assert window.fps == pytest.approx(10.0)
    assert window.start > 1001.0
    assert window.end < 1100.0


def test_the_order_in_which_processes_report_does_not_matter() -> None:
    finished_at = [number / 7 for number in range(50)]
    assert middle(finished_at[::-1]) == middle(finished_at)


@pytest.mark.parametrize("finished_at", [[], [1.0], [1.0] * 50])
def test_too_few_moments_tell_no_rate(finished_at: list[float]) -> None:
    with pytest.raises(ValueError, match="too few"):
        middle(finished_at)


def test_percentiles_are_values_that_occurred() -> None:
    values = list(range(100, 0, -1))
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7.0
    # Of ten values, the tenth is the least that 99 % of them do not exceed.
    assert percentile(range(1, 11), 0.99) == 10


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_spread_names_median_and_ends() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(median=3.0, low=1.0, high=10.0)
