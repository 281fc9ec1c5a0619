"""A viewer's queue: the latest of everything, and never more."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from gateway.viewer import MAX_CAMERAS, MAX_EVENTS, Dropped, Message, Viewer


def viewer(*, cameras: frozenset[str] | None = None) -> tuple[Viewer, Counter[Dropped]]:
    drops: Counter[Dropped] = Counter()
    return Viewer(cameras=cameras, dropped=lambda kind: drops.update([kind])), drops


async def all_of(one: Viewer) -> list[Message]:
    taken: list[Message] = []
    while True:
        try:
            taken.append(await asyncio.wait_for(one.take(), 0.05))
        except TimeoutError:
            return taken


def test_of_each_camera_only_the_newest_waits() -> None:
    async def scenario() -> None:
        one, drops = viewer()
        for number in range(5):
            one.offer_prediction("desk", f"desk {number}")
            one.offer_frame("desk", f"frame {number}".encode(), now=float(number))
        one.offer_prediction("door", "door 0")
        assert await all_of(one) == ["desk 4", "door 0", b"frame 4"]
        assert drops == {Dropped.PREDICTION: 4, Dropped.FRAME: 4}

    asyncio.run(scenario())


def test_a_viewer_that_takes_nothing_holds_a_bounded_amount() -> None:
    async def scenario() -> None:
        one, _ = viewer()
        for number in range(1000):
            one.offer_prediction(f"camera {number}", "x")
            one.offer_frame(f"camera {number}", b"x", now=float(number))
            one.offer_event(f"camera {number}", "x")
            one.offer_state("health", f"{number}")
        taken = await all_of(one)
        assert len(taken) == 2 * MAX_CAMERAS + MAX_EVENTS + 1
        assert "999" in taken

    asyncio.run(scenario())


def test_it_gets_the_cameras_and_the_rate_it_asked_for() -> None:
    async def scenario() -> None:
        one, _ = viewer(cameras=frozenset({"desk"}))
        one.offer_prediction("door", "door")
        one.offer_event("door", "door")
        assert not one.wants_frame("door", now=0)
        assert one.wants_frame("desk", now=0)
        one.offer_frame("desk", b"0", now=0)
        one.watch(cameras=None, frames_per_second=10)
        one.offer_frame("desk", b"1", now=1)
        assert not one.wants_frame("desk", now=1.05)
        assert one.wants_frame("desk", now=1.1)
        one.watch(cameras=frozenset({"door"}), frames_per_second=0)
        assert not one.wants_frame("door", now=9)
        assert await all_of(one) == []

    asyncio.run(scenario())


def test_who_waits_is_woken() -> None:
    async def scenario() -> None:
        one, _ = viewer()
        waiting = asyncio.create_task(one.take())
        await asyncio.sleep(0)
        one.offer_event("desk", "event")
        assert await asyncio.wait_for(waiting, 1) == "event"

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", list(Dropped))
def test_kinds_are_words(kind: Dropped) -> None:
    assert kind.value.isalpha()
