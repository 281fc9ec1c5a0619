"""A TCP proxy whose connections can stall and be cut."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType

from broker.embedded.ports import free_port

_CHUNK_BYTES = 64 * 1024


class TcpProxy:
    """Passes bytes between clients and one address, unless told otherwise.

    stall(): connections stay open and nothing passes. cut(): all connections are reset, and new ones refused as long as
    it lasts. mend(): everything passes again, what had stalled too.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._target = 0
        self._flows = threading.Event()
        self._flows.set()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listening = self._listen()
        self._thread = threading.Thread(target=self._accept, name="proxy", daemon=True)

    def start(self, *, target_port: int) -> None:
        self._target = target_port
        self._thread.start()

    def stall(self) -> None:
        self._flows.clear()

    def mend(self) -> None:
        self._flows.set()

    def cut(self) -> int:
        """How many connections were reset."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for one in pair:
                _reset(one)
        return len(pairs)

    def __enter__(self) -> TcpProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._flows.set()
        self._listening.close()
        self.cut()

    def _listen(self) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen(64)
        return listening

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                continue
            with self._lock:
                self._pairs.append((client, server))
            threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, suppress(OSError, ValueError):
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while not self._closed.is_set():
                for key, _ in selector.select(timeout=0.5):
                    self._flows.wait()
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(_CHUNK_BYTES)
                    if not data:
                        return
                    key.data.sendall(data)
        for one in (client, server):
            with suppress(OSError):
                one.close()


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        # Without lingering, closing is a reset and no goodbye.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
