"""How late predictions come when live cameras send at a pace."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.contender import Contender, Kind, process_count
from benchmarks.film_file import Film, save_films
from benchmarks.http_servers import start_servers
from benchmarks.results import Latency
from benchmarks.summary import percentile
from benchmarks.throughput import (
    POLL_SECONDS,
    Place,
    check_running,
    post_films,
    running,
    start_topic_contender,
    wait_for_load,
    warm_up,
)
from benchmarks.topics import FrameWriter, Outcome, PredictionReader, own_topics
from events.frame import Mode
from settings import Settings
from stream_app.cli import core_count

# What came in before is left out: caches and the pace have to settle.
SETTLE_SECONDS = 1.0
DRAIN_SECONDS = 5.0


class PacedSystem:
    """A contender that runs, and cameras that can be played to it."""

    def __init__(self, *, settings: Settings, reader: PredictionReader, place: Place) -> None:
        self._settings = settings
        self._reader = reader
        self._next = 2
        self.place = place

    def play(self, films: Sequence[Film], *, fps: float, seconds: float) -> tuple[float, float]:
        """Every camera at this pace; the first and the last moment of it, in seconds since the epoch."""
        file = self.place.folder / "films.npz"
        save_films(films, file)
        frames = max(2, round(fps * seconds))
        before = self._reader.count()
        environment = {
            **os.environ,
            "HANDSTREAM_BROKER": self._settings.broker,
            "HANDSTREAM_TOPIC_PREFIX": self._settings.topic_prefix,
        }
        start = time.time()
        arguments = (str(file), str(fps), str(frames), str(self._next))
        self.place.load.start("cameras", "benchmarks.paced_cameras", *arguments, environment=environment)
        wait_for_load("cameras", place=self.place)
        end = time.time()
        self._next += frames
        while self._reader.count() < before + frames * len(films) and time.time() < end + DRAIN_SECONDS:
            check_running(self.place)
            time.sleep(POLL_SECONDS)
        return start, end

    def outcomes(self, *, start: float, end: float) -> list[Outcome]:
        """Of the frames that were captured between two moments."""
        return [outcome for outcome in self._reader.read() if start <= outcome.captured_at <= end]


@contextmanager
def paced_system(
    contender: Contender, films: Sequence[Film], *, settings: Settings, broker_pid: int | None
) -> Iterator[PacedSystem]:
    """A topic contender, warmed up with these films. Raises RunFailed."""
    with (
        running(contender, broker_pid=broker_pid) as place,
        own_topics(settings, cameras=len(films)) as own,
        PredictionReader(own) as reader,
        # Frames that wait for the start of live cameras' workers would be skipped as stale.
        FrameWriter(films, mode=Mode.RECORDED, settings=own) as writer,
    ):
        start_topic_contender(contender, settings=own, tracking=True, place=place)
        warm_up(reader, writer, settings=own, cameras=len(films), place=place)
        yield PacedSystem(settings=own, reader=reader, place=place)
        place.end_group()


def run_latency(
    contender: Contender,
    films: Sequence[Film],
    *,
    loads: Sequence[float],
    capacity_fps: float,
    seconds: float,
    turn: int,
    settings: Settings,
    broker_pid: int | None,
) -> list[Latency]:
    """One figure for each load (share of the capacity). Raises RunFailed."""
    if contender.kind is Kind.HTTP:
        return _run_http(contender, films, loads=loads, capacity_fps=capacity_fps, seconds=seconds, turn=turn)
    latencies = []
    with paced_system(contender, films, settings=settings, broker_pid=broker_pid) as system:
        for load in loads:
            start, end = system.play(films, fps=load * capacity_fps / len(films), seconds=seconds)
            outcomes = system.outcomes(start=start + SETTLE_SECONDS, end=end)
            seen = [outcome for outcome in outcomes if not outcome.is_stale]
            latencies.append(
                _latency(
                    contender,
                    load=load,
                    capacity_fps=capacity_fps,
                    turn=turn,
                    seconds=end - start - SETTLE_SECONDS,
                    latency_ms=[(outcome.stored_at - outcome.captured_at) * 1000 for outcome in seen],
                    inference_ms=[outcome.inference_ms for outcome in seen],
                    stale=len(outcomes) - len(seen),
                    cpu_seconds=system.place.usage.cpu_seconds("contender", start=start + SETTLE_SECONDS, end=end),
                )
            )
    return latencies


def _run_http(
    contender: Contender,
    films: Sequence[Film],
    *,
    loads: Sequence[float],
    capacity_fps: float,
    seconds: float,
    turn: int,
) -> list[Latency]:
    latencies = []
    with running(contender, broker_pid=None) as place:
        ports = start_servers(contender, place.group, count=process_count(len(films)), tracking=True)
        post_films(films, ports=ports, frames_per_camera=2, fps=0, place=place)
        for load in loads:
            fps = load * capacity_fps / len(films)
            start = time.time()
            frames = max(2, round(fps * seconds))
            answers = post_films(films, ports=ports, frames_per_camera=frames, fps=fps, place=place)
            end = time.time()
            settled = [answer for answer in answers if answer["captured_at"] >= start + SETTLE_SECONDS]
            latencies.append(
                _latency(
                    contender,
                    load=load,
                    capacity_fps=capacity_fps,
                    turn=turn,
                    seconds=end - start - SETTLE_SECONDS,
                    latency_ms=[(answer["answered_at"] - answer["captured_at"]) * 1000 for answer in settled],
                    inference_ms=[answer["inference_ms"] for answer in settled],
                    stale=0,
                    cpu_seconds=place.usage.cpu_seconds("contender", start=start + SETTLE_SECONDS, end=end),
                )
            )
    return latencies


def _latency(
    contender: Contender,
    *,
    load: float,
    capacity_fps: float,
    turn: int,
    seconds: float,
    latency_ms: Sequence[float],
    inference_ms: Sequence[float],
    stale: int,
    cpu_seconds: float,
) -> Latency:
    p50, p95, p99 = (round(percentile(latency_ms, share), 1) for share in (0.5, 0.95, 0.99))
    return Latency(
        contender=contender.name,
        load=load,
        turn=turn,
        capacity_fps=round(capacity_fps, 2),
        fps=round(load * capacity_fps, 2),
        frames=len(latency_ms),
        stale=stale,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        inference_p50_ms=round(percentile(inference_ms, 0.5), 2),
        inference_p99_ms=round(percentile(inference_ms, 0.99), 2),
        cpu_share=round(cpu_seconds / seconds / core_count(), 3),
    )
