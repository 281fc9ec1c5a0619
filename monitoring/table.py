"""The one table of metrics."""

from __future__ import annotations

from monitoring.metric import CounterMetric, HistogramMetric

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
