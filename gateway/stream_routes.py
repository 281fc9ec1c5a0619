"""GET: what the stream is doing, in JSON and as server-sent events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from broker.received import OutcomeFilter, ReceivedPrediction
from events.examples import example_prediction
from events.prediction import Prediction, Status
from gateway.answers import CameraAnswer, HealthAnswer, ReadyAnswer
from gateway.bound import Bound
from gateway.examples import example_camera, example_health
from gateway.hub import MAX_HISTORY, Hub
from gateway.metrics import GatewayMetrics
from gateway.openapi import array, content, json_answer, ref, responses
from gateway.problem import Problem
from gateway.recognition_pool import RecognitionPool
from imaging.formats import image_type
from recognition.gestures import unknown_gesture

Camera = Annotated[str | None, Query(description="Only this camera", max_length=128)]
Gesture = Annotated[str | None, Query(description="Only with a hand that makes this gesture", max_length=100)]
# Predictions that wait for a slow reader of the events; the oldest are left out beyond.
MAX_WAITING = 100
T = TypeVar("T")

_BINARY = {"type": "string", "format": "binary"}


def stream_routes(
    *,
    hub: Hub,
    metrics: GatewayMetrics,
    streams: Bound,
    known_gestures: Callable[[], frozenset[str]],
    stopping: asyncio.Event,
) -> APIRouter:
    """streams: bounds the readers of server-sent events. stopping: ends them. known_gestures: that may be asked for."""
    router = APIRouter(tags=["stream"])

    async def known(gesture: Gesture = None) -> str | None:
        if gesture is not None and gesture not in (names := known_gestures()):
            raise Problem(422, "unknown-gesture", unknown_gesture(gesture, names))
        return gesture

    async def one_stream() -> AsyncIterator[None]:
        # Here and not in the generator: whoever is turned away must learn so from the status.
        with streams.one():
            metrics.viewers("events", streams.taken)
            try:
                yield
            finally:
                metrics.viewers("events", streams.taken - 1)

    @router.get(
        "/cameras",
        summary="The cameras of the last minute",
        responses=responses("All cameras, by name", content(array(CameraAnswer), example=[example_camera()])),
        response_class=Response,
    )
    async def cameras() -> Response:
        return json_answer(hub.camera_answers())

    @router.get(
        "/cameras/{camera:path}/frame",
        summary="The newest picture of a camera",
        responses={
            **responses("The picture", {"image/jpeg": {"schema": _BINARY}}, problems=(404, 422)),
            304: {"description": "There is none newer than If-None-Match names"},
        },
        response_class=Response,
    )
    async def frame(request: Request, camera: str) -> Response:
        state = hub.cameras.get(camera)
        newest = state.frame if state else None
        if newest is None:
            raise Problem(404, "no-frame", f"no frame of a camera {camera[:128]!r} has come; GET /cameras names those")
        etag = f'"{newest.run}-{newest.sequence}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if not etag.isascii():
            del headers["ETag"]
        elif etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(newest.image, media_type=_picture_type(newest.content_type), headers=headers)

    @router.get(
        "/predictions",
        summary="The newest predictions",
        responses=responses(
            "Newest first", content(array(Prediction), example=[example_prediction()]), problems=(422,)
        ),
        response_class=Response,
    )
    async def predictions(
        camera: Camera = None,
        gesture: str | None = Depends(known),
        status: Annotated[Status | None, Query(description="Only of this status")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_HISTORY, description="At most so many")] = 100,
    ) -> Response:
        wanted = OutcomeFilter(cameras=_only(camera), gestures=_only(gesture), statuses=_only(status))
        values = b",".join(received.value for received in hub.history.newest(wanted, limit=limit))
        return Response(b"[" + values + b"]", media_type="application/json")

    @router.get(
        "/predictions/stream",
        summary="Predictions as they come, as server-sent events",
        description="Events named `prediction`; `data` is the prediction, `id` its id. Comments keep the line open.",
        responses={code: answer for code, answer in responses("", {}, problems=(422, 429)).items() if code != 200},
        response_class=EventSourceResponse,
        dependencies=[Depends(one_stream)],
    )
    async def predictions_stream(
        camera: Camera = None, gesture: str | None = Depends(known)
    ) -> AsyncIterator[ServerSentEvent]:
        wanted = OutcomeFilter(cameras=_only(camera), gestures=_only(gesture))
        async for received in _subscribe(hub, wanted, stopping=stopping):
            yield ServerSentEvent(
                raw_data=received.value.decode(), event="prediction", id=_one_line(received.prediction.id)
            )

    @router.get(
        "/stream/health",
        summary="How the stream is doing, and what to do where it is not",
        responses=responses("The state", content(ref(HealthAnswer), example=example_health())),
        response_class=Response,
    )
    async def stream_health() -> Response:
        return json_answer(hub.health())

    return router


def health_routes(*, hub: Hub, pool: RecognitionPool, metrics: GatewayMetrics) -> APIRouter:
    router = APIRouter(tags=["operation"])
    ready = ReadyAnswer(model=True, broker=True)

    @router.get(
        "/healthz",
        summary="Whether the process answers",
        responses={200: {"description": "It does", "content": {"text/plain": {"schema": {"type": "string"}}}}},
        response_class=Response,
    )
    async def healthz() -> Response:
        return Response("ok\n", media_type="text/plain")

    @router.get(
        "/readyz",
        summary="Whether the model is loaded and the broker answers",
        responses={
            200: {"description": "Both", "content": content(ref(ReadyAnswer), example=ready)},
            503: {"description": "Not both", "content": content(ref(ReadyAnswer))},
        },
        response_class=Response,
    )
    async def readyz() -> Response:
        answer = ReadyAnswer(model=pool.is_loaded, broker=hub.broker.answers)
        response = json_answer(answer)
        response.status_code = 200 if answer == ready else 503
        return response

    @router.get(
        "/metrics",
        summary="For Prometheus",
        responses=responses("The text format", {"text/plain": {"schema": {"type": "string"}}}),
        response_class=Response,
    )
    async def prometheus() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _subscribe(hub: Hub, wanted: OutcomeFilter, *, stopping: asyncio.Event) -> AsyncIterator[ReceivedPrediction]:
    waiting: deque[ReceivedPrediction] = deque(maxlen=MAX_WAITING)
    arrived = asyncio.Event()

    def take(received: ReceivedPrediction) -> None:
        if wanted.matches(received):
            waiting.append(received)
            arrived.set()

    stopped = asyncio.ensure_future(stopping.wait())
    try:
        with hub.subscribed(take):
            while not stopping.is_set():
                while waiting:
                    yield waiting.popleft()
                arrived.clear()
                coming = asyncio.ensure_future(arrived.wait())
                await asyncio.wait({coming, stopped}, return_when=asyncio.FIRST_COMPLETED)
                coming.cancel()
    finally:
        stopped.cancel()


def _picture_type(content_type: str) -> str:
    """As the producer says, but never a type that a browser would run."""
    return image_type(content_type) or "application/octet-stream"


def _one_line(text: str) -> str:
    return "".join(filter(str.isprintable, text))


def _only(one: T | None) -> frozenset[T]:
    """A set of a filter; empty, which fits all, where nothing was asked for."""
    return frozenset() if one is None else frozenset({one})
