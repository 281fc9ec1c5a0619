from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.ledger import DropReason, Ledger


def at_once() -> bool:
    return True


@given(
    steps=st.lists(
        st.one_of(st.tuples(st.just("offer"), st.integers(0, 50)), st.tuples(st.just("land"), st.booleans())),
        max_size=80,
    ),
    max_in_flight=st.integers(1, 5),
    max_bytes=st.integers(1, 100),
)
def test_every_frame_is_in_one_place_and_the_bounds_hold(
    steps: list[tuple[str, int]], max_in_flight: int, max_bytes: int
) -> None:
    ledger = Ledger(max_in_flight=max_in_flight, max_in_flight_bytes=max_bytes)
    offered, flying = 0, []
    for step, value in steps:
        if step == "offer":
            ledger.offer()
            offered += 1
            if ledger.launch(value, give_up=at_once):
                flying.append(value)
            else:
                ledger.drop(DropReason.INTERRUPTED)
        elif flying:
            ledger.land(flying.pop(0), dropped=DropReason.REFUSED if value else None)
        counts = ledger.counts()
        assert counts.offered == offered
        assert counts.waiting == 0
        assert counts.in_flight == len(flying) <= max_in_flight
        assert counts.in_flight_bytes == sum(flying)
        assert counts.in_flight_bytes <= max_bytes or counts.in_flight == 1
        assert offered == counts.waiting + counts.in_flight + counts.published + counts.dropped_total


def test_who_waits_for_room_goes_on_when_a_frame_lands() -> None:
    ledger = Ledger(max_in_flight=1, max_in_flight_bytes=10)
    ledger.offer()
    assert ledger.launch(1, give_up=at_once)
    ledger.offer()
    launched: list[bool] = []
    waiting = threading.Thread(target=lambda: launched.append(ledger.launch(1, give_up=lambda: False)))
    waiting.start()
    assert ledger.counts().waiting == 1
    ledger.land(1)
    waiting.join(10)
    assert launched == [True]
    assert ledger.counts().in_flight == 1


def test_what_is_abandoned_stays_unconfirmed_whatever_comes_later() -> None:
    ledger = Ledger(max_in_flight=5, max_in_flight_bytes=10)
    for _ in range(2):
        ledger.offer()
        ledger.launch(1, give_up=at_once)
    assert not ledger.wait_until_landed(give_up=at_once)
    ledger.abandon()
    ledger.land(1)
    counts = ledger.counts()
    assert counts.dropped == {DropReason.UNCONFIRMED: 2}
    assert (counts.in_flight, counts.in_flight_bytes, counts.published) == (0, 0, 0)


def test_bounds_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Ledger(max_in_flight=0, max_in_flight_bytes=1)
