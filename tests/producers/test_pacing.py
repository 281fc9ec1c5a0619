"""Pacing on a clock that only moves when it is told to."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.pacing import Pace


class VirtualClock:
    """sleep() oversleeps by up to `overshoot_seconds`, as real ones do."""

    def __init__(self, *, overshoot_seconds: float = 0.0) -> None:
        self.now = 1000.0
        self._overshoot_seconds = overshoot_seconds
        self._random = random.Random(0)  # noqa: S311

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds + self._random.uniform(0, self._overshoot_seconds)


def times(clock: VirtualClock, pace: Pace, *, rate_hz: float, count: int, work_seconds: float = 0.0) -> list[float]:
    begin, found = clock.now, []
    for number in range(count):
        pace.wait(number / rate_hz)
        found.append(clock.now - begin)
        clock.now += work_seconds
    return found


@pytest.mark.parametrize("catch_up", [True, False])
def test_thirty_a_second_hold_their_rate_over_ten_seconds_without_drift(catch_up: bool) -> None:
    clock = VirtualClock(overshoot_seconds=0.004)
    pace = Pace(catch_up=catch_up, clock=clock, sleep=clock.sleep)
    found = times(clock, pace, rate_hz=30.0, count=301, work_seconds=0.005)
    assert found[-1] == pytest.approx(10.0, rel=0.01)
    assert all(0 <= at - number / 30.0 <= 0.004 + 1e-9 for number, at in enumerate(found))


def test_the_first_picture_does_not_wait_wherever_the_source_begins() -> None:
    clock = VirtualClock()
    pace = Pace(catch_up=True, clock=clock, sleep=clock.sleep)
    pace.wait(5.0)
    assert clock.now == 1000.0
    pace.wait(5.5)
    assert clock.now == 1000.5


def test_double_speed_halves_the_times() -> None:
    clock = VirtualClock()
    pace = Pace(speed=2.0, catch_up=True, clock=clock, sleep=clock.sleep)
    assert times(clock, pace, rate_hz=10.0, count=5) == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


def test_a_film_catches_up_after_it_was_held_up() -> None:
    clock = VirtualClock()
    pace = Pace(catch_up=True, clock=clock, sleep=clock.sleep)
    pace.wait(0.0)
    clock.now += 0.55
    assert times(clock, pace, rate_hz=10.0, count=8) == pytest.approx([0, 0, 0, 0, 0, 0, 0.05, 0.15])


def test_a_camera_skips_the_slots_that_passed_and_keeps_its_grid() -> None:
    clock = VirtualClock()
    pace = Pace(catch_up=False, clock=clock, sleep=clock.sleep)
    begin = clock.now
    pace.wait(0.0)
    clock.now += 0.55
    found = []
    for number in range(1, 5):
        pace.wait(number / 10)
        found.append(clock.now - begin)
    assert found == pytest.approx([0.55, 0.6, 0.7, 0.8])


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=50))
def test_a_camera_never_sends_a_burst(delays: list[float]) -> None:
    clock = VirtualClock()
    pace = Pace(catch_up=False, clock=clock, sleep=clock.sleep)
    found = []
    for number, delay in enumerate(delays):
        pace.wait(number / 10)
        found.append(clock.now)
        clock.now += delay
    for (i, earlier), (j, later) in itertools.combinations(enumerate(found), 2):
        assert later - earlier >= (j - i - 1) / 10 - 1e-6


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Pace(speed=speed, catch_up=True)
