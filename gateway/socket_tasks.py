"""What both WebSockets need."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from fastapi import WebSocket

from gateway.access import PROTOCOL

# Close codes of RFC 6455.
BAD_MESSAGE = 1008
TRY_AGAIN = 1013


async def accept(socket: WebSocket) -> None:
    """Accept, with our own protocol where the browser offers it: the one with the token is never sent back."""
    await socket.accept(subprotocol=PROTOCOL if PROTOCOL in socket.scope.get("subprotocols", []) else None)


async def send(socket: WebSocket, message: str | bytes) -> None:
    if isinstance(message, str):
        await socket.send_text(message)
    else:
        await socket.send_bytes(message)


async def run_until_first(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run all until one ends, end the others and raise what that one raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
