"""How long a record waited, without anyone's clock but ours."""

from __future__ import annotations

import math

from events.record import Position
from stream_app.arrivals import ArrivalBook, Arrivals, Waited
from stream_app.end import End


def arrivals(*sightings: tuple[int, float]) -> Arrivals:
    found = Arrivals()
    for end, at in sightings:
        found.saw(end=end, at=at)
    return found


def test_a_record_came_between_the_last_time_it_was_not_there_and_the_first_time_it_was() -> None:
    known = arrivals((10, 100.0), (10, 101.0), (12, 102.0), (15, 104.0))

    assert known.waited(offset=10, now=105.0) == Waited(at_least_seconds=3.0, at_most_seconds=4.0)
    assert known.waited(offset=11, now=105.0) == Waited(at_least_seconds=3.0, at_most_seconds=4.0)
    assert known.waited(offset=12, now=105.0) == Waited(at_least_seconds=1.0, at_most_seconds=3.0)


def test_of_a_record_that_was_there_at_first_only_a_lower_bound_is_known() -> None:
    known = arrivals((10, 100.0))

    assert known.waited(offset=3, now=100.5) == Waited(at_least_seconds=0.5, at_most_seconds=math.inf)


def test_a_record_behind_the_last_known_end_came_after_that_was_seen() -> None:
    assert arrivals((10, 100.0)).waited(offset=10, now=100.2).at_most_seconds < 0.3


def test_a_topic_that_was_made_anew_is_another_one() -> None:
    known = arrivals((1000, 100.0), (2, 101.0))

    assert known.waited(offset=1, now=101.5) == Waited(at_least_seconds=0.5, at_most_seconds=math.inf)


def test_the_clocks_are_believed_within_the_bounds() -> None:
    waited = Waited(at_least_seconds=1.0, at_most_seconds=3.0)

    assert [waited.age_seconds(by_clock=age) for age in (-3600.0, 2.0, 3600.0)] == [1.0, 2.0, 3.0]
    assert Waited().age_seconds(by_clock=-5.0) == 0.0


def test_each_partition_has_its_own() -> None:
    book = ArrivalBook()
    book.saw({("frames", 0): End(offset=5, at=100.0, read=5, assignment=1, records_end=5)})

    assert book.waited(Position(topic="frames", partition=0, offset=5), now=101.0).at_most_seconds == 1.0
    assert book.waited(Position(topic="frames", partition=1, offset=5), now=101.0) == Waited()
