"""Ports of the loopback address."""

from __future__ import annotations

import socket

import psutil

from broker.embedded.errors import PortTaken
from broker.embedded.properties import HOST


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def check_port(port: int) -> None:
    """Raise PortTaken where the port cannot be listened on; it says by whom, where the system tells."""
    with socket.socket() as probe:
        # A port whose last connections are still closing is free to listen on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise PortTaken(
                f"port {port} may not be listened on by this user: choose one above 1023 with --port"
            ) from error
        except OSError as error:
            raise PortTaken(
                f"port {port} is taken{_by_whom(port)}: stop that, or choose another with --port "
                "(and name it in HANDSTREAM_BROKER for the other commands)"
            ) from error


def _by_whom(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", None) == port:
                # Other users' processes are known by their port alone.
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    except psutil.Error:
        pass
    return ""


def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
