"""Uploads as part of a trace."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.trace_context import traceparent_of
from monitoring.spans import SpanKind, Tracer

PATHS = frozenset({"/predict", "/predict/batch"})
_SERVER_FAULT = 500


class TracedUploads:
    """A span for each POST of images, in the trace that the caller's `traceparent` names.

    now: seconds since the epoch.
    """

    def __init__(self, app: ASGIApp, *, tracer: Tracer, now: Callable[[], float] = time.time) -> None:
        self._app = app
        self._tracer = tracer
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        span = self._tracer.begin(
            f"POST {scope['path']}",
            at=self._now(),
            kind=SpanKind.SERVER,
            parent=traceparent_of([(name.decode("latin-1"), value) for name, value in scope["headers"]]),
            attributes={
                "http.request.method": "POST",
                "http.route": scope["path"],
                "url.path": scope["path"],
                "url.scheme": scope.get("scheme", "http"),
            },
        )
        status = _SERVER_FAULT

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            span.end(
                self._now(),
                attributes={"http.response.status_code": status},
                error=f"answered {status}" if status >= _SERVER_FAULT else None,
            )
