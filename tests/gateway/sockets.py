"""Clients of the gateway's WebSockets."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from typing import Any

from websockets.sync.client import ClientConnection, connect

PATIENCE_SECONDS = 60.0


def socket(address: str, path: str, **more: Any) -> ClientConnection:
    url = address.replace("http", "ws", 1) + path
    connection: ClientConnection = connect(url, compression=None, max_size=None, open_timeout=30, **more)
    return connection


def say(connection: ClientConnection, **message: object) -> None:
    connection.send(json.dumps(message))


def hear(connection: ClientConnection, wanted: Callable[[Any], bool]) -> Any:
    """The first message that is wanted; binary ones as (header, picture)."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        left = deadline - time.monotonic()
        assert left > 0, "the message that was waited for did not come"
        message = connection.recv(timeout=left)
        found = json.loads(message) if isinstance(message, str) else framed(message)
        if wanted(found):
            return found


def of_type(kind: str) -> Callable[[Any], bool]:
    return lambda message: isinstance(message, dict) and message["type"] == kind


def framed(message: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = struct.unpack_from(">I", message)
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def frame_bytes(image: bytes, *, sequence: int) -> bytes:
    header = json.dumps({"sequence": sequence, "captured_at": "1999-12-31T23:59:59Z"}).encode()
    return struct.pack(">I", len(header)) + header + image


class BrowserTwin:
    """Does what the page does: two frames under way, the next when one is answered."""

    def __init__(self, address: str, *, name: str) -> None:
        self.connection = socket(address, "/ws/camera")
        say(self.connection, type="hello", name=name, fps=15, width=640, height=480)
        self.welcome = hear(self.connection, lambda _: True)

    def show(self, image: bytes, *, frames: int) -> list[dict[str, Any]]:
        """Send a picture so often and return the answers, in the order in which they came."""
        answers: list[dict[str, Any]] = []
        for sequence in range(frames):
            self.connection.send(frame_bytes(image, sequence=sequence))
            if sequence - len(answers) >= 1:
                answers.append(hear(self.connection, lambda _: True))
            time.sleep(1 / 25)
        while len(answers) < frames:
            answers.append(hear(self.connection, lambda _: True))
        return answers

    def close(self) -> None:
        self.connection.close()
