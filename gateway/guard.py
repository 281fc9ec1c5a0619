"""What stands before every request: access, security headers, counting."""

from __future__ import annotations

from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access import Access
from gateway.metrics import GatewayMetrics
from gateway.problem import Problem

# Nothing but our own files, and no script or style within a page.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_UNKNOWN = "other"


class AccessGuard:
    """Turns away who may not use the gateway."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._access.check(scope["path"], Headers(scope=scope))
            except Problem as problem:
                await problem.response()(scope, receive, send)
                return
        elif scope["type"] == "websocket":
            try:
                self._access.check_socket(Headers(scope=scope), scope.get("subprotocols", []))
            except Problem as problem:
                await _refuse_socket(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Adds the security headers to every answer, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                # What the stream shows is of now; files may be kept and asked for anew.
                headers.setdefault("Cache-Control", "no-cache" if "etag" in headers else "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class RequestMetrics:
    """Counts requests by their route's template."""

    def __init__(self, app: ASGIApp, *, metrics: GatewayMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(
                    method=scope["method"] if scope["method"] in _METHODS else _UNKNOWN,
                    endpoint=_endpoint(scope),
                    code=message["status"],
                    seconds=perf_counter() - began,
                )
            await send(message)

        await self._app(scope, receive, counted)


def _endpoint(scope: Scope) -> str:
    template = getattr(scope.get("route"), "path", None)
    if isinstance(template, str) and not template.startswith("/static"):
        return template
    return "/static" if scope["path"].startswith("/static") else _UNKNOWN


async def _refuse_socket(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect
    if "websocket.http.response" in scope.get("extensions", {}):
        response = problem.response()
        await send(
            {
                "type": "websocket.http.response.start",
                "status": response.status_code,
                "headers": response.raw_headers,
            }
        )
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": problem.details.title})
