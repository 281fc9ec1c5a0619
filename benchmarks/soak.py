"""Two cameras for half an hour: does anything grow, is anything lost?  `make soak`, `make soak MINUTES=5`

Two cameras for half an hour: does anything grow, is anything lost?  make soak, make soak MINUTES=5
the warm-up; the median of the second fifth is compared with that of the last one. At the end every frame is audited.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from audit.counts import Report
from audit.run import audit_system
from broker.topics import create_topics
from handstream.demo.running_broker import running_broker
from handstream.demo.stack import child_environment
from settings import Settings, load_settings
from stream_app.cli import core_count, start_workers
from supervision.children import ChildProcesses

SAMPLE_SECONDS = 5.0
SETTLE_SECONDS = 60.0
MAX_MEMORY_GROWTH = 0.05
MEBIBYTE = 1024 * 1024


class SoakFailed(Exception):
    """A process ended, or the frames did not settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    resident_bytes: int
    open_files: int
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Medians of a process, after the warm-up and at the end."""

    process: str
    resident_mib: tuple[float, float]
    open_files: tuple[float, float]
    threads: tuple[float, float]

    @property
    def memory_ratio(self) -> float:
        return self.resident_mib[1] / self.resident_mib[0] - 1

    @property
    def is_growing(self) -> bool:
        return (
            self.memory_ratio > MAX_MEMORY_GROWTH
            or self.open_files[1] > self.open_files[0]
            or self.threads[1] > self.threads[0]
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--fps", type=float, default=10.0, help="frames a second of each of the two cameras")
    parser.add_argument("--out", type=Path, help="write the figures as JSON too")
    arguments = parser.parse_args()
    console = Console()
    try:
        with running_broker(load_settings(), ephemeral=True, say=console.print) as broker:
            growth, report = soak(broker.settings, seconds=arguments.minutes * 60, fps=arguments.fps, console=console)
    except SoakFailed as error:
        console.print(f"soak: {error}")
        return 1
    console.print(growth_table(growth))
    totals = report.totals
    console.print(
        f"{totals.frames} frames: {totals.ok} ok, {totals.no_hand} without a hand, {totals.stale} stale, "
        f"{totals.dead} dead, {report.lost} lost, {report.duplicated} duplicated, {report.out_of_order} out of order"
    )
    broken = [*report.broken(max_duplicates=0), *(f"{one.process} grows" for one in growth if one.is_growing)]
    for line in broken:
        console.print(line, style="red")
    if arguments.out is not None:
        figures = {"growth": [asdict(one) for one in growth], "audit": report.to_builtins(max_duplicates=0)}
        arguments.out.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if broken else 0


def soak(settings: Settings, *, seconds: float, fps: float, console: Console) -> tuple[list[Growth], Report]:
    """Raises SoakFailed."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="handstream-soak-") as logs, ChildProcesses(log_dir=Path(logs)) as group:
        create_topics(settings)
        environment = child_environment(settings)
        start_workers(group, metrics_ports=[0] * core_count(), threads=1, environment=environment)
        for name in ("gateway", "monitor"):
            group.start(name, "handstream.cli", name, "--port", "0", environment=environment)
        cameras = ("camera-0", "camera-1")
        for seed, camera in enumerate(cameras):
            command = ("produce", "synthetic", "--camera", camera, "--fps", f"{fps:g}", "--seed", str(seed))
            group.start(camera, "handstream.cli", *command, environment={**environment, **NO_FIXED_PORT})
        until = time.monotonic() + seconds
        with console.status("soaking") as status:
            while (left := until - time.monotonic()) > 0:
                _check(group)
                for name, sample in take_samples(group.pids()).items():
                    samples[name].append(sample)
                status.update(f"soaking, {left / 60:.1f} minutes to go")
                time.sleep(SAMPLE_SECONDS)
        for camera in cameras:
            group.stop(camera)
        report = _settled(settings)
    return [growth_of(name, taken) for name, taken in samples.items()], report


NO_FIXED_PORT = {"HANDSTREAM_PRODUCER_METRICS_PORT": "0"}


def take_samples(pids: Mapping[str, int]) -> dict[str, Sample]:
    found = {}
    for name, pid in pids.items():
        process = psutil.Process(pid)
        with process.oneshot():
            found[name] = Sample(
                resident_bytes=process.memory_info().rss, open_files=process.num_fds(), threads=process.num_threads()
            )
    return found


def growth_of(process: str, samples: Sequence[Sample]) -> Growth:
    """Raises SoakFailed with too few samples to compare."""
    fifth = len(samples) // 5
    if fifth < 1:
        raise SoakFailed(f"{len(samples)} samples of {process} are too few: soak for longer")
    first, last = samples[fifth : 2 * fifth], samples[-fifth:]

    def medians(name: str, scale: float = 1.0) -> tuple[float, float]:
        begin, end = (statistics.median(getattr(one, name) for one in part) / scale for part in (first, last))
        return round(begin, 1), round(end, 1)

    return Growth(
        process=process,
        resident_mib=medians("resident_bytes", MEBIBYTE),
        open_files=medians("open_files"),
        threads=medians("threads"),
    )


def growth_table(growth: Sequence[Growth]) -> Table:
    table = Table(
        "process", "resident MiB", "growth", "open files", "threads", title="After the warm-up, and at the end"
    )
    for one in growth:
        table.add_row(
            one.process,
            f"{one.resident_mib[0]:.1f} → {one.resident_mib[1]:.1f}",
            f"{one.memory_ratio:+.1%}",
            f"{one.open_files[0]:g} → {one.open_files[1]:g}",
            f"{one.threads[0]:g} → {one.threads[1]:g}",
            style="red" if one.is_growing else None,
        )
    return table


def _check(group: ChildProcesses) -> None:
    ended = group.ended()
    if ended is not None:
        raise SoakFailed(
            f"{ended.name} ended with {ended.exit_code}: {group.path(ended.name, 'log').read_text()[-500:]}"
        )


def _settled(settings: Settings) -> Report:
    deadline = time.monotonic() + SETTLE_SECONDS
    while (report := audit_system(settings)).pending:
        if time.monotonic() > deadline:
            raise SoakFailed(f"{report.pending} frames still wait after {SETTLE_SECONDS:.0f} s")
        time.sleep(1)
    return report


if __name__ == "__main__":
    sys.exit(main())
