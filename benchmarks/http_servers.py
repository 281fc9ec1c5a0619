"""The HTTP peer: one server a core. A camera always uses the same one, which tracks its hands."""

from __future__ import annotations

from benchmarks.contender import Contender
from broker.embedded.ports import free_port
from recognition.assets import ensure_landmark_model
from settings import load_settings
from supervision.children import ChildProcesses


def start_servers(contender: Contender, group: ChildProcesses, *, count: int, tracking: bool) -> list[int]:
    """Their ports on the loopback address."""
    ports = [free_port() for _ in range(count)]
    environment = {
        "PEER_MODEL": str(ensure_landmark_model(cache_dir=load_settings().cache_dir)),
        "PEER_TRACKING": str(int(tracking)),
    }
    for index, port in enumerate(ports):
        contender.start(group, index=index, environment=environment, port=port)
    return ports
