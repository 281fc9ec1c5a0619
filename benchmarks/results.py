"""What was measured, as it is kept in JSON."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """One run over frames that lay ready.

    group: which question it belongs to. fps: frames per second between the moments when a tenth and nine tenths of the
    frames were finished, so that neither start-up nor the last stragglers count; processor time is of the same window.
    startup_seconds: from the start of the processes to the first finished frame.
    inference_ms: median of decoding, landmarks and gesture. other_share: share of all cores (0..1) that went to neither
    the contender nor the broker nor what sends the frames: figures of a busy machine are worth less.
    """

    group: str
    contender: str
    mode: str
    cameras: int
    turn: int
    width: int
    height: int
    frames: int
    fps: float
    cpu_ms_per_frame: float
    broker_cpu_ms_per_frame: float
    memory_mib: float
    process_memory_mib: float
    startup_seconds: float
    inference_ms: float
    other_share: float | None = None


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """One run at a pace. load: share of the capacity. *_ms: from the capture to the prediction's arrival at the broker.

    above_*_ms: what the percentile of the latency is above the median inference. stale: frames that were skipped.
    """

    contender: str
    load: float
    turn: int
    capacity_fps: float
    fps: float
    frames: int
    stale: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    inference_p50_ms: float
    inference_p99_ms: float
    cpu_share: float

    @property
    def above_p50_ms(self) -> float:
        return self.p50_ms - self.inference_p50_ms

    @property
    def above_p99_ms(self) -> float:
        return self.p99_ms - self.inference_p50_ms


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """Cameras before which nothing moves.

    cpu_ms_per_frame: of the workers, everything included. base_cpu_ms_per_second: of workers without any frame.
    detection_ms: from the capture of the first image with a hand to its first prediction at the broker, each time.
    """

    turn: int
    cameras: int
    fps: float
    cpu_ms_per_frame: float
    base_cpu_ms_per_second: float
    skipped_share: float
    detection_ms: list[float]
    detection_frames: list[int]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    processor: str
    cores: int
    has_bf16: bool
    memory_gib: float
    system: str
    python: str
    commit: str
    versions: dict[str, str]


class Results(msgspec.Struct, kw_only=True):
    """Everything of one call of the benchmark."""

    started_at: str
    machine: Machine
    throughput: list[Throughput] = msgspec.field(default_factory=list)
    latency: list[Latency] = msgspec.field(default_factory=list)
    idle: list[Idle] = msgspec.field(default_factory=list)
    format: int = 1

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")


def load_results(path: Path) -> Results:
    """Raises ValueError for a file that holds none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path} holds no results of the benchmark: {error}") from error
