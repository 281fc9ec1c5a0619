"""WebSocket /ws/view: the stream for one viewer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from gateway.bound import Bound
from gateway.hub import Hub
from gateway.messages import MessageError, decode_watch
from gateway.metrics import GatewayMetrics
from gateway.problem import Problem
from gateway.socket_tasks import BAD_MESSAGE, TRY_AGAIN, accept, run_until_first, send
from gateway.viewer import Viewer

KIND = "websocket"


def view_socket(*, hub: Hub, metrics: GatewayMetrics, viewers: Bound, stopping: asyncio.Event) -> APIRouter:
    router = APIRouter()

    @router.websocket("/ws/view")
    async def view(socket: WebSocket, cameras: str = "*") -> None:
        await accept(socket)
        try:
            with viewers.one():
                metrics.viewers(KIND, viewers.taken)
                try:
                    await _view(socket, cameras)
                finally:
                    metrics.viewers(KIND, viewers.taken - 1)
        except Problem as problem:
            await socket.close(TRY_AGAIN, problem.details.detail)

    async def _view(socket: WebSocket, cameras: str) -> None:
        viewer = Viewer(cameras=_names(cameras), dropped=lambda kind: metrics.viewer_dropped(kind.value))

        async def deliver() -> None:
            while True:
                await send(socket, await viewer.take())

        async def listen() -> None:
            while True:
                watch = decode_watch(await socket.receive_text())
                chosen = None if isinstance(watch.cameras, str) else frozenset(watch.cameras)
                viewer.watch(cameras=chosen, frames_per_second=watch.frames_per_second)

        with hub.viewing(viewer):
            try:
                await run_until_first(deliver(), listen(), stopping.wait())
            except WebSocketDisconnect:
                return
            except (MessageError, KeyError) as error:
                await socket.close(BAD_MESSAGE, str(error)[:120])
                return
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(1001, "the gateway stops")

    return router


def _names(text: str) -> frozenset[str] | None:
    return None if text.strip() in ("", "*") else frozenset(filter(None, map(str.strip, text.split(","))))
