"""The web application, put together from settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from events.prediction import NO_GESTURE
from gateway.access import Access
from gateway.bound import Bound
from gateway.camera_socket import camera_socket
from gateway.feed import Feed, StreamUpdate
from gateway.frame_publisher import FramePublisher
from gateway.guard import AccessGuard, RequestMetrics, SecurityHeaders
from gateway.hub import Hub
from gateway.metrics import GatewayMetrics
from gateway.openapi import describe
from gateway.predict_routes import predict_routes
from gateway.problem import Problem, answer_fault, answer_http_exception, answer_invalid, answer_problem
from gateway.recognition_pool import RecognitionPool
from gateway.served_model import ServedModel
from gateway.static import add_static
from gateway.stream_routes import health_routes, stream_routes
from gateway.traced_uploads import TracedUploads
from gateway.view_socket import view_socket
from monitoring.backlog import BacklogWatch
from monitoring.tracing import start_tracer
from recognition.gestures import GESTURES
from settings import Settings

log = logging.getLogger("handstream.gateway")

DESCRIPTION = """Names hand gestures in images, and shows those of the stream.

Predictions have the same JSON here as in the topic `predictions`. What is wrong comes as `application/problem+json`.
"""
TICK_SECONDS = 1.0
# Predictions so old are still read at the start, for GET /predictions.
HISTORY_SECONDS = 60.0


def create_app(settings: Settings, *, host: str | None = None) -> FastAPI:
    """host: the address that is listened on, where it is not the settings'. Raises BundleError."""
    gateway = _Gateway(settings, access=Access.of(settings, host=host or settings.gateway_host))
    return gateway.app


class _Gateway:
    def __init__(self, settings: Settings, *, access: Access) -> None:
        self._settings = settings
        self._metrics = GatewayMetrics()
        self._tracer = start_tracer(settings, service="handstream-gateway")
        self._stopping = asyncio.Event()
        self._hub = Hub(settings, metrics=self._metrics)
        self._publisher = FramePublisher(settings)
        self._model = ServedModel(settings, observer=self._metrics.model)
        self._pool = RecognitionPool(
            create=self._model.start,
            threads=settings.gateway_predict_threads,
            waiting=settings.gateway_predict_waiting,
        )
        self.app = FastAPI(
            title="Handstream",
            version=version("handstream"),
            description=DESCRIPTION,
            docs_url=None,
            redoc_url=None,
            generate_unique_id_function=lambda route: route.name,
            lifespan=self._lifespan,
            exception_handlers={
                Problem: answer_problem,
                HTTPException: answer_http_exception,
                RequestValidationError: answer_invalid,
                Exception: answer_fault,
            },
        )
        self._add_routes()
        self._add_guards(access)
        self.app.state.stopping = self._stopping

    def _add_routes(self) -> None:
        hub, metrics, stopping = self._hub, self._metrics, self._stopping
        most = self._settings.gateway_max_viewers
        viewers, streams = Bound(most, what="viewers"), Bound(most, what="readers of events")
        for router in (
            predict_routes(self._settings, pool=self._pool, manifest=lambda: self._model.manifest),
            stream_routes(
                hub=hub,
                metrics=metrics,
                streams=streams,
                # Workers may serve another model than this process: what they named is known too.
                known_gestures=lambda: frozenset(
                    {*GESTURES, NO_GESTURE, *self._model.manifest.classes, *hub.gestures_seen()}
                ),
                stopping=stopping,
            ),
            health_routes(hub=hub, pool=self._pool, metrics=metrics),
            view_socket(hub=hub, metrics=metrics, viewers=viewers, stopping=stopping),
            camera_socket(self._settings, hub=hub, metrics=metrics, publisher=self._publisher, stopping=stopping),
        ):
            self.app.include_router(router)
        add_static(self.app)
        document: dict[str, Any] = {}

        def openapi() -> dict[str, Any]:
            if not document:
                document.update(describe(self.app, token_needed=self._settings.gateway_token is not None))
            return document

        self.app.openapi = openapi  # type: ignore[method-assign]

    def _add_guards(self, access: Access) -> None:
        """The last that is added stands outermost."""
        self.app.add_middleware(AccessGuard, access=access)
        if access.origins:
            self.app.add_middleware(
                CORSMiddleware,
                allow_origins=sorted(access.origins),
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type"],
            )
        self.app.add_middleware(SecurityHeaders)
        self.app.add_middleware(RequestMetrics, metrics=self._metrics)
        if self._tracer is not None:
            self.app.add_middleware(TracedUploads, tracer=self._tracer)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def in_loop(call: Callable[..., None], *arguments: Any) -> None:
            with suppress(RuntimeError):  # the loop is closed: we are stopping
                loop.call_soon_threadsafe(call, *arguments)

        def take(update: StreamUpdate, handled: Callable[[], None]) -> None:
            try:
                self._hub.take(update)
            finally:
                handled()

        feed = Feed(
            self._settings,
            deliver=lambda update, handled: in_loop(take, update, handled),
            tell=lambda state: in_loop(self._hub.tell_broker, state),
            since_seconds=HISTORY_SECONDS,
            frame_pause=lambda: self._hub.frame_pause_seconds,
        )
        backlog = BacklogWatch(self._settings, tell=lambda found: in_loop(self._hub.tell_backlog, found))
        for part in (feed, backlog, self._publisher):
            part.start()
        tasks = [asyncio.create_task(self._pool.load()), asyncio.create_task(self._tick())]
        try:
            yield
        finally:
            self._stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(
                *(asyncio.to_thread(part.stop) for part in (feed, backlog, self._publisher, self._model)),
                self._pool.close(),
            )
            if self._tracer is not None:
                await asyncio.to_thread(self._tracer.close)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                self._hub.tick()
            except Exception:
                log.exception("telling the viewers how the stream is doing failed")
