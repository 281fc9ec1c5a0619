"""Made-up results of the benchmark."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.results import Idle, Latency, Machine, Results, Throughput

MACHINE = Machine(
    processor="Test CPU",
    cores=2,
    has_bf16=False,
    memory_gib=8.0,
    system="Linux",
    python="3.11",
    commit="abc",
    versions={"kafka": "4.3.1"},
)
_RUN = Throughput(
    group="live",
    contender="handstream",
    mode="live",
    cameras=8,
    turn=0,
    width=640,
    height=480,
    frames=480,
    fps=100.0,
    cpu_ms_per_frame=15.0,
    broker_cpu_ms_per_frame=0.5,
    memory_mib=400.0,
    process_memory_mib=210.0,
    startup_seconds=3.0,
    inference_ms=14.0,
)
_LATENCY = Latency(
    contender="handstream",
    load=0.6,
    turn=0,
    capacity_fps=100.0,
    fps=60.0,
    frames=480,
    stale=0,
    p50_ms=20.0,
    p95_ms=30.0,
    p99_ms=50.0,
    inference_p50_ms=14.0,
    inference_p99_ms=25.0,
    cpu_share=0.6,
)


def run(contender: str, fps: float, **changes: Any) -> Throughput:
    return msgspec.structs.replace(_RUN, contender=contender, fps=fps, **changes)


def latency(**changes: Any) -> Latency:
    return msgspec.structs.replace(_LATENCY, **changes)


def idle(**changes: Any) -> Idle:
    figures = Idle(
        turn=0,
        cameras=4,
        fps=15.0,
        cpu_ms_per_frame=0.8,
        base_cpu_ms_per_second=10.0,
        skipped_share=0.9,
        detection_ms=[60.0, 90.0],
        detection_frames=[0, 1],
    )
    return msgspec.structs.replace(figures, **changes)


def results(*runs: Throughput, **more: Any) -> Results:
    return Results(started_at="2026-11-28T08:00:00+00:00", machine=MACHINE, throughput=list(runs), **more)
