"""Running the application until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

# Requests that are under way get so long to end.
GRACE_SECONDS = 2
BACKLOG_CONNECTIONS = 256


class PortTaken(Exception):
    """The port cannot be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 finds a free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Only this finds another process that has bound the port and is about to listen.
        listening.listen(BACKLOG_CONNECTIONS)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"cannot listen on {host}:{port} ({error.strerror}): choose another port with --port or "
            "HANDSTREAM_GATEWAY_PORT, another address with --host or HANDSTREAM_GATEWAY_HOST"
        ) from error
    listening.set_inheritable(True)
    return listening


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Tells the long-lived connections to end as soon as a signal comes, instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started
        self._tell_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tell_stopping()
        # One turn of the loop, so that they say goodbye by themselves.
        await asyncio.sleep(0.05)
        await super().shutdown(sockets=sockets)


def serve(
    app: FastAPI, *, listening: socket.socket, max_message_bytes: int, started: Callable[[], None] = lambda: None
) -> None:
    """Serve until SIGINT or SIGTERM. max_message_bytes: of the greatest WebSocket message. started: told once it is."""
    config = uvicorn.Config(
        app,
        # The access log would say nothing that /metrics does not.
        access_log=False,
        # Ours is in force already.
        log_config=None,
        log_level="warning",
        server_header=False,
        backlog=BACKLOG_CONNECTIONS,
        ws_max_size=max_message_bytes,
        # Pictures are compressed already, and predictions are worth more early than small.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, started=started, stopping=app.state.stopping.set)
    # Uvicorn hands on the signal that ended it.
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
