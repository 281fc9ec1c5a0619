"""How fast a contender is when all frames lie ready."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.contender import Contender, Kind, process_count
from benchmarks.film_file import Film, save_films
from benchmarks.http_servers import start_servers
from benchmarks.results import Throughput
from benchmarks.summary import middle
from benchmarks.topics import FrameWriter, PredictionReader, group_is_settled, own_topics
from benchmarks.usage import MACHINE, UsageSampler
from events.frame import Mode
from events.topics import TopicNames
from recognition.assets import ensure_landmark_model
from settings import Settings, load_settings
from stream_app.cli import core_count
from supervision.children import ChildProcesses

POLL_SECONDS = 0.25
TIMEOUT_SECONDS = 600.0
LOG_TAIL_LINES = 8


class RunFailed(Exception):
    """A contender did not finish: which one, and the last that it wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a contender has to do: films, one a camera, and frames of each.

    backlog: whether all frames lie there before the processes start. Else they come when all processes take part, which
    takes some seconds that would count for much in a short run.
    stop_after_seconds: of processing; what is not done by then is left.
    processes: of the contender; None for one a core.
    """

    films: Sequence[Film]
    frames_per_camera: int
    mode: Mode
    group: str
    turn: int
    backlog: bool = False
    stop_after_seconds: float | None = None
    processes: int | None = None

    @property
    def frames(self) -> int:
        return self.frames_per_camera * len(self.films)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finished:
    """Times in seconds since the epoch."""

    started_at: float
    first_at: float
    finished_at: Sequence[float]
    inference_ms: Sequence[float]


def run_throughput(contender: Contender, task: Task, *, settings: Settings, broker_pid: int | None) -> Throughput:
    """Raises RunFailed."""
    run = {Kind.LOOP: _run_loop, Kind.TOPIC: _run_topic, Kind.HTTP: _run_http}[contender.kind]
    with running(contender, broker_pid=broker_pid) as place:
        finished = run(contender, task, settings, place)
    window = middle(finished.finished_at)
    usage = place.usage

    def cpu_ms(tree: str) -> float:
        return round(usage.cpu_seconds(tree, start=window.start, end=window.end) * 1000 / window.frames, 3)

    ours = sum(usage.cpu_seconds(tree, start=window.start, end=window.end) for tree in ("contender", "broker", "load"))
    everything = usage.cpu_seconds(MACHINE, start=window.start, end=window.end)
    return Throughput(
        group=task.group,
        contender=contender.name,
        mode="still" if task.mode is Mode.STILL else "live",
        cameras=len(task.films),
        turn=task.turn,
        width=task.films[0].width,
        height=task.films[0].height,
        frames=task.frames,
        fps=round(window.fps, 2),
        cpu_ms_per_frame=cpu_ms("contender"),
        broker_cpu_ms_per_frame=cpu_ms("broker"),
        memory_mib=round(usage.peak_mib("contender"), 1),
        process_memory_mib=round(usage.peak_process_mib("contender"), 1),
        startup_seconds=round(finished.first_at - finished.started_at, 3),
        inference_ms=round(median(finished.inference_ms), 3),
        other_share=round(max(0.0, everything - ours) / (window.end - window.start) / core_count(), 3),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a contender runs. load: processes that send the frames, which are no part of it."""

    group: ChildProcesses
    load: ChildProcesses
    usage: UsageSampler
    folder: Path

    def end_group(self) -> None:
        """End the contender before its topics are deleted, or it would complain about them."""
        for name in tuple(self.group.pids()):
            self.group.stop(name)


@contextmanager
def running(contender: Contender, *, broker_pid: int | None) -> Iterator[Place]:
    """Processes, a folder for files, and the sampler; all end with the block. What goes wrong becomes RunFailed."""
    with TemporaryDirectory(prefix="handstream-bench-") as name:
        folder = Path(name)
        group = ChildProcesses(log_dir=folder / "logs", stop_timeout_seconds=10)
        load = ChildProcesses(log_dir=folder / "logs", stop_timeout_seconds=5)
        trees: Mapping[str, Callable[[], list[int]]] = {
            "contender": lambda: list(group.pids().values()),
            "load": lambda: list(load.pids().values()),
            "broker": lambda: [] if broker_pid is None else [broker_pid],
        }
        try:
            with group, load, UsageSampler(trees) as usage:
                yield Place(group=group, load=load, usage=usage, folder=folder)
        except (RunFailed, TimeoutError, ValueError) as error:
            raise RunFailed(f"{contender.title}: {error}{_log_tail(folder / 'logs')}") from error


def start_topic_contender(
    contender: Contender, *, settings: Settings, tracking: bool, place: Place, processes: int | None = None
) -> float:
    """Start its processes; returns when, in seconds since the epoch."""
    names = TopicNames(settings.topic_prefix)
    environment = {
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
        "HANDSTREAM_METRICS_PORT": "0",
        "PEER_BROKER": settings.broker,
        "PEER_FRAMES_TOPIC": names.frames,
        "PEER_PREDICTIONS_TOPIC": names.predictions,
        "PEER_GROUP": settings.consumer_group,
        "PEER_MODEL": str(ensure_landmark_model(cache_dir=load_settings().cache_dir)),
        "PEER_TRACKING": str(int(tracking)),
    }
    started_at = time.time()
    for index in range(process_count(settings.partitions, wanted=processes)):
        contender.start(place.group, index=index, environment=environment, folder=place.folder)
    return started_at


def wait_for_outcomes(
    reader: PredictionReader, *, count: int, place: Place, stop_after_seconds: float | None = None
) -> None:
    """Raises RunFailed where a process ends, TimeoutError where nothing goes on."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    stop_at: float | None = None
    while (there := reader.count()) < count:
        check_running(place)
        if there and stop_at is None and stop_after_seconds is not None:
            stop_at = time.monotonic() + stop_after_seconds
        if stop_at is not None and time.monotonic() > stop_at:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{there} of {count} frames after {TIMEOUT_SECONDS:g} s")
        time.sleep(POLL_SECONDS)


def check_running(place: Place) -> None:
    ended = place.group.ended()
    if ended is not None:
        raise RunFailed(f"{ended.name} ended with exit code {ended.exit_code}")


def _run_topic(contender: Contender, task: Task, settings: Settings, place: Place) -> _Finished:
    with (
        own_topics(settings, cameras=len(task.films)) as own,
        PredictionReader(own) as reader,
        FrameWriter(task.films, mode=task.mode, settings=own) as writer,
    ):
        if task.backlog:
            writer.write(task.frames_per_camera)
        tracking = task.mode is not Mode.STILL
        started_at = start_topic_contender(
            contender, settings=own, tracking=tracking, place=place, processes=task.processes
        )
        ahead = 0 if task.backlog else warm_up(reader, writer, settings=own, cameras=len(task.films), place=place)
        if not task.backlog:
            writer.write(task.frames_per_camera)
        wait_for_outcomes(reader, count=ahead + task.frames, place=place, stop_after_seconds=task.stop_after_seconds)
        outcomes = sorted(reader.read(), key=lambda outcome: outcome.stored_at)
        place.end_group()
    return _Finished(
        started_at=started_at,
        first_at=outcomes[0].stored_at,
        finished_at=[outcome.stored_at for outcome in outcomes[ahead:]],
        inference_ms=[outcome.inference_ms for outcome in outcomes[ahead:]],
    )


def warm_up(reader: PredictionReader, writer: FrameWriter, *, settings: Settings, cameras: int, place: Place) -> int:
    """Until every process has partitions and every camera has its tracker; how many frames that took.

    Raises RunFailed or TimeoutError.
    """
    writer.write(1)
    wait_for_outcomes(reader, count=cameras, place=place)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not group_is_settled(settings, members=len(place.group.pids())):
        check_running(place)
        if time.monotonic() > deadline:
            raise TimeoutError(f"the consumer group did not settle within {TIMEOUT_SECONDS:g} s")
        time.sleep(POLL_SECONDS)
    writer.write(1)
    wait_for_outcomes(reader, count=2 * cameras, place=place)
    return 2 * cameras


def _run_loop(contender: Contender, task: Task, settings: Settings, place: Place) -> _Finished:  # noqa: ARG001
    films = place.folder / "films.npz"
    save_films(task.films, films)
    shares = process_count(len(task.films), wanted=task.processes)
    files = [place.folder / f"share-{share}.json" for share in range(shares)]
    environment = {
        "PEER_MODEL": str(ensure_landmark_model(cache_dir=load_settings().cache_dir)),
        "PEER_TRACKING": str(int(task.mode is not Mode.STILL)),
    }
    more = () if contender.is_peer else (task.mode.value,)
    started_at = time.time()
    for share, file in enumerate(files):
        arguments = (str(films), str(task.frames_per_camera), str(share), str(shares), str(file), *more)
        contender.start(place.group, *arguments, index=share, environment=environment)
    finished_at: list[float] = []
    inference_ms: list[float] = []
    for share, file in enumerate(files):
        code = place.group.wait(f"{contender.name}-{share}", timeout_seconds=TIMEOUT_SECONDS)
        if code != 0:
            raise RunFailed(f"process {share} ended with exit code {code}")
        read = json.loads(file.read_text())
        finished_at += read["finished_at"]
        inference_ms += read["inference_ms"]
    return _Finished(
        started_at=started_at, first_at=min(finished_at), finished_at=finished_at, inference_ms=inference_ms
    )


def _run_http(contender: Contender, task: Task, settings: Settings, place: Place) -> _Finished:  # noqa: ARG001
    started_at = time.time()
    count = process_count(len(task.films), wanted=task.processes)
    ports = start_servers(contender, place.group, count=count, tracking=task.mode is not Mode.STILL)
    answers = post_films(task.films, ports=ports, frames_per_camera=task.frames_per_camera, fps=0, place=place)
    finished_at = [answer["answered_at"] for answer in answers]
    return _Finished(
        started_at=started_at,
        first_at=min(finished_at),
        finished_at=finished_at,
        inference_ms=[answer["inference_ms"] for answer in answers],
    )


def post_films(
    films: Sequence[Film], *, ports: Sequence[int], frames_per_camera: int, fps: float, place: Place
) -> list[dict[str, float]]:
    """Let the client POST the films, at this pace of each camera or, where it is 0, as fast as it is answered.

    Raises RunFailed or TimeoutError.
    """
    file, out = place.folder / "films.npz", place.folder / "client.json"
    save_films(films, file)
    arguments = (str(file), ",".join(map(str, ports)), str(frames_per_camera), str(fps), str(out))
    place.load.start("client", "benchmarks.http_client", *arguments, environment=os.environ)
    wait_for_load("client", place=place)
    answers: list[dict[str, float]] = json.loads(out.read_text())
    return answers


def wait_for_load(name: str, *, place: Place) -> None:
    """Until a process that sends frames has ended. Raises RunFailed or TimeoutError."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (code := place.load.wait(name, timeout_seconds=POLL_SECONDS)) is None:
        check_running(place)
        if time.monotonic() > deadline:
            raise TimeoutError(f"not finished after {TIMEOUT_SECONDS:g} s")
    place.load.stop(name)
    if code != 0:
        raise RunFailed(f"{name} ended with exit code {code}")


def _log_tail(folder: Path) -> str:
    lines = [
        line
        for file in sorted(folder.glob("*.log"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
    ]
    return "\n" + "\n".join(lines) if lines else ""
