"""What is measured in which order: contenders of a group take turns, so that what else the machine does hits all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from benchmarks.contender import (
    HANDSTREAM,
    MEDIAPIPE_LOOP,
    OWN_LOOP,
    PEERS,
    PLAIN_LOOPS,
    Contender,
)
from benchmarks.film_file import Film
from benchmarks.film_sources import SIZE, from_folder, rendered, resized
from benchmarks.idle_cameras import run_idle
from benchmarks.pace import run_latency
from benchmarks.results import Results
from benchmarks.throughput import RunFailed, Task, run_throughput
from events.frame import Mode
from settings import Settings

CAMERAS = 8
CAMERA_COUNTS = (1, 2, 4, 8)
GROWING_CAMERA_COUNTS = (1, 2, 4, 8, 16, 32, 64, 200)
GROWING_SIZES = ((320, 240), (640, 480), (960, 720), (1280, 960), (1920, 1440))
GROWING_BACKLOGS = (100, 1_000, 10_000, 100_000)
BACKLOG_SECONDS = 20.0
MIN_FRAMES_PER_CAMERA = 4
LOADS = (0.3, 0.6, 0.9)


class Group(StrEnum):
    """live, stills: everybody, with tracking and without. latency: at a share of the capacity. idle: cameras before
    which nothing moves. cameras, sizes, backlog: how the cost grows."""

    LIVE = "live"
    STILLS = "stills"
    LATENCY = "latency"
    IDLE = "idle"
    CAMERAS = "cameras"
    SIZES = "sizes"
    BACKLOG = "backlog"


GROWTH = (Group.CAMERAS, Group.SIZES, Group.BACKLOG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """groups: in this order. contenders: names, None for all. camera_counts: of the groups live and stills.
    frames: of all cameras together in a throughput run. images: a folder to play instead of rendered hands.
    latency_seconds: of each load. processes: of every contender where throughput is measured; None for one a core.
    """

    groups: Sequence[Group]
    contenders: frozenset[str] | None = None
    camera_counts: Sequence[int] = CAMERA_COUNTS
    repeats: int = 1
    frames: int = 480
    film_images: int = 40
    images: Path | None = None
    latency_seconds: float = 8.0
    processes: int | None = None
    loads: Sequence[float] = LOADS

    def takes(self, contender: Contender) -> bool:
        return contender.is_available and (self.contenders is None or contender.name in self.contenders)


@dataclass(slots=True, kw_only=True)
class Benchmark:
    """Runs groups and adds what they measure to the results.

    save: called whenever a figure was added. progress: says what comes next.
    failures: of contenders that did not finish; the others go on.
    """

    options: Options
    settings: Settings
    broker_pid: int | None
    results: Results
    save: Callable[[], None]
    progress: Callable[[str], None]
    failures: list[str] = field(default_factory=list)
    _films: list[Film] = field(default_factory=list)

    def run(self) -> None:
        """Raises SourceError where the folder of images cannot be used."""
        groups: dict[Group, Callable[[int], None]] = {
            Group.LIVE: lambda turn: self._everybody(Group.LIVE, turn=turn, mode=Mode.RECORDED),
            Group.STILLS: lambda turn: self._everybody(Group.STILLS, turn=turn, mode=Mode.STILL),
            Group.LATENCY: self._latency,
            Group.IDLE: self._idle,
            Group.CAMERAS: self._more_cameras,
            Group.SIZES: self._larger_images,
            Group.BACKLOG: self._longer_backlog,
        }
        for turn in range(self.options.repeats):
            for group in self.options.groups:
                groups[group](turn)

    def _everybody(self, group: Group, *, turn: int, mode: Mode) -> None:
        hands = PLAIN_LOOPS if mode is Mode.RECORDED else PLAIN_LOOPS[1:]
        loops = [(loop, cameras) for cameras in (1, CAMERAS) for loop in (MEDIAPIPE_LOOP, OWN_LOOP)]
        entries = [
            *loops,
            *((loop, CAMERAS) for loop in hands),
            *((HANDSTREAM, cameras) for cameras in CAMERA_COUNTS),
            *((peer, CAMERAS) for peer in PEERS),
        ]
        for contender, cameras in entries:
            if self.options.takes(contender) and cameras in self.options.camera_counts:
                self._throughput(contender, self._cast(cameras), mode=mode, group=group, turn=turn)

    def _latency(self, turn: int) -> None:
        for contender in (HANDSTREAM, *(peer for peer in PEERS if peer.hands == 2)):
            if not self.options.takes(contender):
                continue
            capacity = self._capacity(contender, turn=turn)
            if capacity is None:
                continue
            self.progress(f"{contender.title}: latency at {capacity:.0f} frames/s and less")
            with self._noting_failures():
                self.results.latency += run_latency(
                    contender,
                    self._cast(CAMERAS),
                    loads=self.options.loads,
                    capacity_fps=capacity,
                    seconds=self.options.latency_seconds,
                    turn=turn,
                    settings=self.settings,
                    broker_pid=self.broker_pid,
                )

    @contextmanager
    def _noting_failures(self) -> Iterator[None]:
        try:
            yield
        except RunFailed as error:
            self.failures.append(str(error))
            self.progress(f"failed: {error}")
        self.save()

    def _capacity(self, contender: Contender, *, turn: int) -> float | None:
        """Frames a second with all frames ready; measured now, where this call has not measured it yet."""

        def known() -> list[float]:
            return [
                run.fps
                for run in self.results.throughput
                if (run.contender, run.group, run.cameras) == (contender.name, Group.LIVE, CAMERAS)
            ]

        if not known():
            self._throughput(contender, self._cast(CAMERAS), mode=Mode.RECORDED, group=Group.LIVE, turn=turn)
        return median(known()) if known() else None

    def _idle(self, turn: int) -> None:
        self.progress("Handstream: idle cameras")
        seconds = 2 * self.options.latency_seconds
        with self._noting_failures():
            figures = run_idle(seconds=seconds, turn=turn, settings=self.settings, broker_pid=self.broker_pid)
            self.results.idle.append(figures)

    def _more_cameras(self, turn: int) -> None:
        for cameras in GROWING_CAMERA_COUNTS:
            self._throughput(HANDSTREAM, self._cast(cameras), mode=Mode.RECORDED, group=Group.CAMERAS, turn=turn)

    def _larger_images(self, turn: int) -> None:
        for size in GROWING_SIZES:
            films = resized(self._base()[:2], size=size)
            for contender in (MEDIAPIPE_LOOP, OWN_LOOP, HANDSTREAM):
                if self.options.takes(contender):
                    cast = list(islice(cycle(films), CAMERAS))
                    self._throughput(contender, cast, mode=Mode.RECORDED, group=Group.SIZES, turn=turn)

    def _longer_backlog(self, turn: int) -> None:
        for backlog in GROWING_BACKLOGS:
            self._throughput(
                HANDSTREAM,
                self._cast(CAMERAS),
                mode=Mode.RECORDED,
                group=Group.BACKLOG,
                turn=turn,
                backlog=backlog,
            )

    def _throughput(
        self, contender: Contender, films: Sequence[Film], *, mode: Mode, group: Group, turn: int, backlog: int = 0
    ) -> None:
        what = f"backlog of {backlog}" if backlog else f"{len(films)} cameras, {films[0].width} x {films[0].height}"
        self.progress(f"{group}, turn {turn + 1} of {self.options.repeats}: {contender.title}, {what}")
        # A camera alone keeps one core busy.
        frames = backlog or (self.options.frames if len(films) > 1 else self.options.frames // 2)
        task = Task(
            films=films,
            frames_per_camera=max(MIN_FRAMES_PER_CAMERA, frames // len(films)),
            mode=mode,
            group=group,
            turn=turn,
            backlog=bool(backlog),
            stop_after_seconds=BACKLOG_SECONDS if backlog else None,
            processes=self.options.processes,
        )
        with self._noting_failures():
            run = run_throughput(contender, task, settings=self.settings, broker_pid=self.broker_pid)
            self.results.throughput.append(run)

    def _cast(self, cameras: int) -> list[Film]:
        """A film for each camera; more cameras than films show the same ones."""
        return list(islice(cycle(self._base()), cameras))

    def _base(self) -> list[Film]:
        if not self._films:
            self.progress("making the films")
            images = self.options.images
            self._films = (
                rendered(cameras=CAMERAS, images=self.options.film_images, size=SIZE)
                if images is None
                else from_folder(images, cameras=CAMERAS)
            )
        return self._films
