"""What one frame costs, as it was measured on some machine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec

from settings import Settings

FILE_NAME = "plan-costs.json"
SHIPPED = Path(__file__).with_name("shipped_costs.json")
BYTES_PER_MB = 1_000_000


class SizeCosts(msgspec.Struct, frozen=True, kw_only=True):
    """Of images of one size. pixels: width times height. frame_bytes: of the encoded image with its headers.

    decode_ms: processor time to decode it. idle_ms: of a frame without a hand and without motion, decoding included.
    """

    pixels: int
    frame_bytes: float
    decode_ms: float
    idle_ms: float


class Linear(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of processor time for one frame, and for each megabyte (10^6 bytes) of its image."""

    per_frame_ms: float
    per_megabyte_ms: float

    def of(self, frame_bytes: float) -> float:
        return self.per_frame_ms + self.per_megabyte_ms * frame_bytes / BYTES_PER_MB


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """machine, engine, measured_at: where they come from.

    sizes: by rising number of pixels. landmarks_ms: processor time to follow one hand and name its gesture, without
    decoding. worker, broker: what Kafka and Faust take in the worker beyond recognition, and what the broker takes.
    prediction_bytes: of one prediction with its headers. worker_mib, camera_mib: resident memory of a worker process
    without cameras, and of each camera more.
    """

    machine: str
    engine: str
    measured_at: str
    sizes: tuple[SizeCosts, ...]
    landmarks_ms: float
    worker: Linear
    broker: Linear
    prediction_bytes: float
    worker_mib: float
    camera_mib: float

    def at(self, pixels: int) -> SizeCosts:
        """Of images with so many pixels: on the line through the two sizes around it that were measured, or through the
        nearest two."""
        below, above = next(
            (pair for pair in pairwise(self.sizes) if pixels <= pair[1].pixels), (self.sizes[-2], self.sizes[-1])
        )
        share = (pixels - below.pixels) / (above.pixels - below.pixels)

        def between(low: float, high: float) -> float:
            # A line through two noisy points must not promise less than nothing.
            return max(0.0, low + share * (high - low))

        return SizeCosts(
            pixels=pixels,
            frame_bytes=between(below.frame_bytes, above.frame_bytes),
            decode_ms=between(below.decode_ms, above.decode_ms),
            idle_ms=between(below.idle_ms, above.idle_ms),
        )

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")


class CostsError(Exception):
    """A file of costs cannot be used."""


def own_costs_path(settings: Settings) -> Path:
    """Where those are kept that were measured on this machine."""
    return settings.cache_dir / FILE_NAME


def load_costs(settings: Settings) -> tuple[Costs, bool]:
    """The costs, and whether they were measured here; else the shipped ones. Raises CostsError."""
    own = own_costs_path(settings)
    return (read_costs(own), True) if own.exists() else (read_costs(SHIPPED), False)


def read_costs(path: Path) -> Costs:
    """Raises CostsError."""
    try:
        costs = msgspec.json.decode(path.read_bytes(), type=Costs)
    except (OSError, msgspec.MsgspecError) as error:
        raise CostsError(f"{path} holds no costs: {error}; measure them anew with --calibrate") from error
    if len(costs.sizes) < 2:
        raise CostsError(f"{path} has fewer than two image sizes; measure them anew with --calibrate")
    return costs
