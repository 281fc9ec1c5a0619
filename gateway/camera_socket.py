"""WebSocket /ws/camera: a browser gives frames and gets their predictions."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from broker.received import ReceivedPrediction
from gateway.bound import Bound
from gateway.browser_camera import BrowserCamera, CameraLimits, Drop, camera_name
from gateway.frame_publisher import FramePublisher
from gateway.hub import Hub
from gateway.messages import (
    MessageError,
    decode_hello,
    decode_sent_frame,
    dropped_message,
    own_prediction_message,
    refused_message,
    welcome_message,
)
from gateway.metrics import GatewayMetrics
from gateway.problem import Problem
from gateway.socket_tasks import BAD_MESSAGE, TRY_AGAIN, accept, run_until_first
from settings import Settings

HELLO_TIMEOUT_SECONDS = 10.0
# A browser that sends nothing for so long gives its place up.
IDLE_TIMEOUT_SECONDS = 120.0
# Answers that wait for a browser; the oldest are left out beyond.
MAX_ANSWERS = 32
# For what is under way to the broker when a browser leaves.
LANDING_TIMEOUT_SECONDS = 1.0


def camera_socket(
    settings: Settings, *, hub: Hub, metrics: GatewayMetrics, publisher: FramePublisher, stopping: asyncio.Event
) -> APIRouter:
    router = APIRouter()
    browsers = Bound(settings.gateway_max_cameras, what="browser cameras")
    limits = CameraLimits(
        max_fps=settings.gateway_camera_fps,
        max_bytes=settings.gateway_camera_max_bytes,
        max_side=settings.gateway_camera_max_side,
    )

    @router.websocket("/ws/camera")
    async def camera(socket: WebSocket) -> None:
        await accept(socket)
        with suppress(WebSocketDisconnect, RuntimeError):
            try:
                async with asyncio.timeout(HELLO_TIMEOUT_SECONDS):
                    hello = decode_hello(await socket.receive_text())
                with browsers.one():
                    name = camera_name(hello.name, taken=hub.knows)
                    await _Session(socket, BrowserCamera(name, limits=limits)).run()
            except Problem as problem:
                await socket.send_text(refused_message(problem.details))
                await socket.close(TRY_AGAIN)
            except (MessageError, KeyError, TimeoutError) as error:
                refusal = Problem(400, "malformed-message", str(error) or "nothing came in time")
                await socket.send_text(refused_message(refusal.details))
                await socket.close(BAD_MESSAGE)

    class _Session:
        def __init__(self, socket: WebSocket, browser: BrowserCamera) -> None:
            self._socket = socket
            self._browser = browser
            self._answers: deque[str] = deque(maxlen=MAX_ANSWERS)
            self._waiting = asyncio.Event()
            self._in_flight = 0
            self._all_landed = asyncio.Event()
            self._loop = asyncio.get_running_loop()

        async def run(self) -> None:
            browser = self._browser
            await self._socket.send_text(
                welcome_message(
                    camera=browser.camera,
                    max_fps=limits.max_fps,
                    max_bytes=limits.max_bytes,
                    max_side=limits.max_side,
                )
            )
            try:
                with hub.browser(browser.camera, self._take):
                    await run_until_first(self._listen(), self._answer(), stopping.wait())
                    await self._socket.close(1001, "the gateway stops")
            finally:
                await self._end_stream()

        async def _end_stream(self) -> None:
            """After the last frame has landed: a browser that leaves at once has an end too, and a right count."""
            browser = self._browser
            try:
                async with asyncio.timeout(LANDING_TIMEOUT_SECONDS):
                    while self._in_flight:
                        self._all_landed.clear()
                        await self._all_landed.wait()
            except TimeoutError:
                pass
            finally:
                if browser.published or self._in_flight:
                    publisher.end_stream(
                        run=browser.run, source=browser.source, frames=browser.published, at=datetime.now(UTC)
                    )

        async def _listen(self) -> None:
            while True:
                async with asyncio.timeout(IDLE_TIMEOUT_SECONDS):
                    data = await self._socket.receive_bytes()
                sent, image = decode_sent_frame(data)
                self._publish(image, sequence=sent.sequence)

        def _publish(self, image: bytes, *, sequence: int) -> None:
            frame = self._browser.accept(image, sequence=sequence, at=datetime.now(UTC), now=time.monotonic())
            if isinstance(frame, Drop):
                self._drop(sequence, frame)
            elif not hub.broker.answers:
                self._browser.answered(run=frame.run, sequence=frame.sequence)
                self._drop(sequence, Drop.BROKER)
            elif publisher.publish(frame.to_record(), done=lambda stored: self._landed(frame.sequence, stored)):
                self._in_flight += 1
            else:
                self._browser.answered(run=frame.run, sequence=frame.sequence)
                self._drop(sequence, Drop.BACKLOG)

        def _landed(self, sequence: int, stored: bool) -> None:
            """Called in the publisher's threads."""
            with suppress(RuntimeError):  # the loop is closed: nobody waits for this any more
                self._loop.call_soon_threadsafe(self._count, sequence, stored)

        def _count(self, sequence: int, stored: bool) -> None:
            self._in_flight -= 1
            if not self._in_flight:
                self._all_landed.set()
            if stored:
                self._browser.published += 1
                metrics.frame_published()
                return
            theirs = self._browser.answered(run=self._browser.run, sequence=sequence)
            if theirs is not None:
                self._drop(theirs, Drop.BROKER)

        def _drop(self, sequence: int, reason: Drop) -> None:
            metrics.frame_dropped(reason.value)
            self._put(dropped_message(sequence=sequence, reason=reason.value))

        def _take(self, received: ReceivedPrediction) -> None:
            prediction = received.prediction
            theirs = self._browser.answered(run=prediction.run, sequence=prediction.sequence)
            if theirs is not None:
                self._put(own_prediction_message(received.value, sequence=theirs))

        def _put(self, message: str) -> None:
            self._answers.append(message)
            self._waiting.set()

        async def _answer(self) -> None:
            while True:
                while self._answers:
                    await self._socket.send_text(self._answers.popleft())
                self._waiting.clear()
                await self._waiting.wait()

    return router
