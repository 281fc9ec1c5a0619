"""How long the recognition took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from evaluation.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds by the nearest rank. p95: 95 % took no longer."""

    stage: str
    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, stage: str, milliseconds: Sequence[float]) -> Self:
        ranked = sorted(milliseconds)
        return cls(stage=stage, median_ms=_quantile(ranked, 0.5), p95_ms=_quantile(ranked, 0.95))


def latencies(outcomes: Sequence[Outcome]) -> tuple[Latency, ...]:
    """Of each stage, and of them together (`inference`); empty where nothing was timed. `queue`, the time before a
    worker took the frame up, is there for a stream only and is no part of the inference."""
    timed = [one.timings_ms for one in outcomes if one.timings_ms is not None]
    if not timed:
        return ()
    queue = [one.queue for one in timed]
    return (
        *((Latency.of("queue", queue),) if any(queue) else ()),
        Latency.of("decode", [one.decode for one in timed]),
        Latency.of("landmarks", [one.landmarks for one in timed]),
        Latency.of("classify", [one.classify for one in timed]),
        Latency.of("inference", [one.decode + one.landmarks + one.classify for one in timed]),
    )


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
