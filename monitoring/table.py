"""The one table of metrics."""

from __future__ import annotations

from monitoring.metric import CounterMetric, GaugeMetric, HistogramMetric

FRAMES_PROCESSED = CounterMetric(
    name="handstream_frames_processed_total",
    meaning="Frames that reached their outcome",
    labels=("status",),
    why="Its rate is the throughput; the share of no_hand and dead_letter tells whether cameras send anything usable.",
)
STAGE_SECONDS = HistogramMetric(
    name="handstream_stage_seconds",
    meaning="Time that one frame spent in a stage",
    labels=("stage",),
    why="Says which part to look at when frames are slow: queue, decode, landmarks, classify or publish.",
)
END_TO_END_SECONDS = HistogramMetric(
    name="handstream_end_to_end_seconds",
    meaning="From capture until the broker has the prediction",
    why="The delay that a person before the camera feels.",
)
GATEWAY_REQUESTS = CounterMetric(
    name="handstream_gateway_requests_total",
    meaning="HTTP requests that were answered",
    labels=("method", "endpoint", "code"),
    why="Its rate is the use of the API; 429 says that uploads come faster than they are recognised, 5xx that we fail.",
)
GATEWAY_REQUEST_SECONDS = HistogramMetric(
    name="handstream_gateway_request_seconds",
    meaning="Time from a request until its answer began",
    labels=("endpoint",),
    why="The delay that a user of the API feels.",
)
GATEWAY_VIEWERS = GaugeMetric(
    name="handstream_gateway_viewers",
    meaning="Viewers of the stream just now",
    labels=("kind",),
    why="Near HANDSTREAM_GATEWAY_MAX_VIEWERS the next one is turned away.",
)
GATEWAY_VIEWER_DROPS = CounterMetric(
    name="handstream_gateway_viewer_drops_total",
    meaning="Messages that a viewer was too slow for",
    labels=("kind",),
    why="A steady rate means that viewers see less than there is: their network or our processor is the limit.",
)
GATEWAY_CAMERAS = GaugeMetric(
    name="handstream_gateway_cameras",
    meaning="Browsers that are cameras just now",
    why="Near HANDSTREAM_GATEWAY_MAX_CAMERAS the next one is turned away.",
)
GATEWAY_CAMERA_FRAMES = CounterMetric(
    name="handstream_gateway_camera_frames_total",
    meaning="Frames of browsers that went to the broker",
    why="Against the dropped ones it says how much of what browsers show is recognised.",
)
GATEWAY_CAMERA_DROPS = CounterMetric(
    name="handstream_gateway_camera_drops_total",
    meaning="Frames of browsers that were dropped",
    labels=("reason",),
    why="backlog and broker mean that the stream cannot keep up, rate and size that a browser sends more than it may.",
)
