"""A browser that was a camera and leaves: the end of its stream."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from events.record import Record
from gateway.camera_socket import camera_socket
from gateway.frame_publisher import MAX_QUEUED, Done, FramePublisher
from gateway.hub import Hub
from gateway.metrics import GatewayMetrics
from gateway.topic_follower import BrokerStatus
from producers.synthetic.still import render_still
from settings import Settings
from tests.gateway.sockets import frame_bytes

LANDS_AFTER_SECONDS = 0.3


class SlowBroker(FramePublisher):
    """Takes each frame, and says only later whether it has it."""

    def __init__(self, *, stores: bool) -> None:
        super().__init__(Settings())
        self.taken, self.ended = threading.Event(), threading.Event()
        self.frames: int | None = None
        self._stores = stores

    def publish(self, _: Record, *, done: Done) -> bool:
        self.taken.set()
        threading.Timer(LANDS_AFTER_SECONDS, done, [self._stores]).start()
        return True

    def end_stream(self, *, frames: int, **_: Any) -> None:
        self.frames = frames
        self.ended.set()


def ends_its_stream(publisher: SlowBroker) -> bool:
    """Whether a browser does that sends one frame and goes."""
    settings, metrics = Settings(), GatewayMetrics()
    hub = Hub(settings, metrics=metrics)
    hub.tell_broker(BrokerStatus(answers=True))
    app = FastAPI()
    app.include_router(camera_socket(settings, hub=hub, metrics=metrics, publisher=publisher, stopping=asyncio.Event()))
    with TestClient(app) as client, client.websocket_connect("/ws/camera") as browser:
        browser.send_text(json.dumps({"type": "hello", "name": "desk", "fps": 15, "width": 640, "height": 480}))
        browser.receive_text()
        browser.send_bytes(frame_bytes(render_still(gesture="fist", seed=1), sequence=0))
        assert publisher.taken.wait(10)
        browser.close()
        return publisher.ended.wait(4 * LANDS_AFTER_SECONDS)


def test_a_browser_that_leaves_before_its_frame_has_landed_ends_its_stream_all_the_same() -> None:
    publisher = SlowBroker(stores=True)

    assert ends_its_stream(publisher)
    assert publisher.frames == 1


def test_a_browser_of_which_nothing_reached_the_broker_has_no_stream_to_end() -> None:
    assert not ends_its_stream(SlowBroker(stores=False))


def test_the_end_is_queued_however_many_frames_wait() -> None:
    publisher = FramePublisher(Settings())
    record = Record(key=b"desk", value=b"jpeg", headers=())
    taken = [publisher.publish(record, done=lambda _: None) for _ in range(MAX_QUEUED + 1)]
    assert taken == [True] * MAX_QUEUED + [False]

    publisher.end_stream(run="run1", source="browser:desk", frames=MAX_QUEUED, at=datetime.now(UTC))

    queued = publisher._jobs.qsize()
    assert queued == MAX_QUEUED + Settings().partitions
