"""`/metrics`, `/healthz` and `/readyz` of a process, served from a thread of its own."""

from __future__ import annotations

import errno
import json
import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from monitoring.health import Health

_SECONDS_TO_END = 5.0
_LAST_PORT = 65535


class MonitoringPortTaken(Exception):
    """Another program listens where the metrics were to be served."""


class MonitoringServer:
    """Answers Prometheus and whoever watches the process, also while the process itself is stuck.

    host, port: where; 0 finds a free port. setting: of the port, for the error's sake.
    Raises MonitoringPortTaken.
    """

    def __init__(self, *, registry: CollectorRegistry, health: Health, host: str, port: int, setting: str) -> None:
        kind = _ServerOf6 if ":" in host else _Server
        try:
            self._server = make_server(
                host, port, _application(registry, health), server_class=kind, handler_class=_SilentHandler
            )
        except OSError as error:
            raise MonitoringPortTaken(
                f"cannot serve metrics at {host}:{port} ({error.strerror}): set {setting} to a free port"
            ) from error
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="monitoring", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_SECONDS_TO_END)

    def __enter__(self) -> MonitoringServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve_at_or_after(
    port: int, *, registry: CollectorRegistry, health: Health, host: str, setting: str, tried: int = 0
) -> MonitoringServer:
    """Serve at the port, else at one of the next ones, else at any that is free; 0 is any.

    tried: how many of the next. Raises MonitoringPortTaken where the address is none of this machine's.
    """
    for wanted in [*range(port, min(port + tried, _LAST_PORT) + 1), 0] if port else [0]:
        try:
            return MonitoringServer(registry=registry, health=health, host=host, port=wanted, setting=setting)
        except MonitoringPortTaken as taken:
            cause = taken.__cause__
            if wanted == 0 or not isinstance(cause, OSError) or cause.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise AssertionError("the last port tried is 0")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    # A port that was just left may be taken again; one in use is refused all the same.
    allow_reuse_address = True


class _ServerOf6(_Server):
    address_family = socket.AF_INET6


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """A scrape is no event."""


def _application(registry: CollectorRegistry, health: Health) -> Callable[..., Iterable[bytes]]:
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                served: Iterable[bytes] = metrics(environ, start_response)
                return served
            case "/healthz":
                return _status(health.not_alive(), start_response)
            case "/readyz":
                return _status(health.not_ready(), start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/metrics, /healthz and /readyz are served here\n"]

    return answer


def _status(faults: dict[str, str], start_response: Any) -> Iterable[bytes]:
    body = json.dumps({"status": "failing" if faults else "ok", "faults": faults}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response("503 Service Unavailable" if faults else "200 OK", headers)
    return [body]
