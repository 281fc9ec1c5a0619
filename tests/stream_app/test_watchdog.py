"""A worker that stands still is seen, and its stacks are kept."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from stream_app.progress import Progress
from stream_app.watchdog import Watchdog
from tests.logged import context
from tests.stream_app.test_progress import at
from tests.stream_app.twins import Clock


def test_the_stacks_are_logged_once_for_each_time_it_is_stuck(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    progress = Progress(clock=clock)
    dog = Watchdog(stuck_after_seconds=30, longest_in_hand_seconds=progress.longest_in_hand_seconds, clock=clock)
    progress.began(at(1))
    for _ in range(4):
        clock.now += 10
        dog.beat()
        dog.look()
    assert dog.fault() == "a frame has been in recognition for 40 s"
    (stuck,) = caplog.records
    assert "test_the_stacks_are_logged_once_for_each_time_it_is_stuck" in str(context(stuck)["stack"])

    progress.processed(at(1))
    dog.look()
    assert dog.fault() is None
    assert caplog.messages[-1] == "Not stuck any more"

    clock.now += 31
    dog.look()
    dog.look()
    assert dog.fault() == "the event loop has been stuck for 31 s"
    assert len(caplog.messages) == 3


def test_it_looks_from_a_thread_of_its_own_and_names_the_thread_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    go_on = threading.Event()

    def hang() -> None:
        go_on.wait()

    thread = threading.Thread(target=hang)
    thread.start()
    dog = Watchdog(stuck_after_seconds=0.2, longest_in_hand_seconds=lambda: 0.0)
    dog.start()
    try:
        deadline = time.monotonic() + 30
        while not caplog.messages and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        go_on.set()
        thread.join()
        dog.close()
    said = context(caplog.records[0])
    assert "the event loop has been stuck" in str(said["reason"])
    assert "in hang" in str(said["stack"])
