"""Which misses are shown."""

from __future__ import annotations

from evaluation.outcome import Outcome, by_severity
from evaluation.worst import worst
from tests.evaluation.outcomes import outcome


def film(count: int) -> list[Outcome]:
    """The same mistake in every frame, the surest first."""
    return [
        outcome("peace", "two_up", 0.9 - number / 1000, sequence=number, is_still=False, camera="door", run="r")
        for number in range(count)
    ]


def test_each_kind_of_mistake_is_shown_before_any_is_shown_again() -> None:
    misses = by_severity([*film(50), outcome("fist", "palm", 0.5), outcome("fist", None)])

    shown = worst(misses, count=3)

    assert [(one.label, one.said) for one in shown] == [("peace", "two_up"), ("fist", "palm"), ("fist", "no hand")]


def test_neighbours_in_a_film_are_shown_only_where_there_is_nothing_else() -> None:
    assert [one.sequence for one in worst(film(40), count=3)] == [0, 16, 32]
    assert [one.sequence for one in worst(film(4), count=3)] == [0, 1, 2]


def test_photographs_have_no_neighbours() -> None:
    misses = [outcome("peace", "two_up", 0.9, sequence=number, place=str(number)) for number in range(5)]

    assert [one.sequence for one in worst(misses, count=3)] == [0, 1, 2]
