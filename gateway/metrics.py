"""What the gateway counts and times, and what Prometheus is told of the process."""

from __future__ import annotations

from gateway.browser_camera import Drop
from monitoring import table
from monitoring.model_metrics import ModelMetrics
from monitoring.process_registry import process_registry
from recognition.bundle import Refusal

# Those of GET /predictions/stream and those of the WebSocket.
VIEWER_KINDS = ("events", "websocket")


class GatewayMetrics:
    """The gateway's metrics, in a registry of its own so that two gateways in one process do not collide."""

    def __init__(self) -> None:
        self.registry = process_registry()
        self.model = ModelMetrics(self.registry, refusals=Refusal)
        self._requests = table.GATEWAY_REQUESTS.create(self.registry)
        self._request_seconds = table.GATEWAY_REQUEST_SECONDS.create(self.registry)
        self._viewers = table.GATEWAY_VIEWERS.create(self.registry)
        # Nobody is a figure too.
        for kind in VIEWER_KINDS:
            self._viewers.labels(kind=kind).set(0)
        self._viewer_drops = table.GATEWAY_VIEWER_DROPS.create(self.registry)
        self._cameras = table.GATEWAY_CAMERAS.create(self.registry)
        self._camera_frames = table.GATEWAY_CAMERA_FRAMES.create(self.registry)
        self._camera_drops = table.GATEWAY_CAMERA_DROPS.create(self.registry)
        for reason in Drop:
            self._camera_drops.labels(reason=reason.value)

    def answered(self, *, method: str, endpoint: str, code: int, seconds: float) -> None:
        """endpoint: the route's template, never the path itself, of which there are endless ones."""
        self._requests.labels(method=method, endpoint=endpoint, code=str(code)).inc()
        self._request_seconds.labels(endpoint=endpoint).observe(seconds)

    def viewers(self, kind: str, count: int) -> None:
        self._viewers.labels(kind=kind).set(count)

    def viewer_dropped(self, kind: str) -> None:
        self._viewer_drops.labels(kind=kind).inc()

    def cameras(self, count: int) -> None:
        self._cameras.set(count)

    def frame_published(self) -> None:
        self._camera_frames.inc()

    def frame_dropped(self, reason: str) -> None:
        self._camera_drops.labels(reason=reason).inc()
