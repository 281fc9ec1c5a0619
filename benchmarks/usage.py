"""Processor time and memory of process trees, sampled while they run."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import psutil

from supervision.children import runs_program

SAMPLE_SECONDS = 0.25
MEBIBYTE = 1024 * 1024
MACHINE = "machine"


@dataclass(slots=True)
class _Tree:
    """What was seen of one tree of processes. cpu_seconds: of each process, also of those that have ended."""

    roots: Callable[[], Iterable[int]]
    known: dict[int, psutil.Process] = field(default_factory=dict)
    cpu_seconds: dict[int, float] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    peak_process_bytes: int = 0


class UsageSampler:
    """Samples named trees of processes a few times a second, for the time of a block.

    trees: name to the process ids at the roots, asked anew for each sample. MACHINE stands for everything that runs on
    this machine.
    """

    def __init__(self, trees: Mapping[str, Callable[[], Iterable[int]]]) -> None:
        self._trees = {name: _Tree(roots) for name, roots in trees.items()}
        self._machine = _Tree(list)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="usage", daemon=True)

    def cpu_seconds(self, name: str, *, start: float, end: float) -> float:
        """Processor time, user and system, between two times of time.time()."""
        tree = self._machine if name == MACHINE else self._trees[name]
        return _at(tree, end) - _at(tree, start)

    def peak_mib(self, name: str) -> float:
        """The most resident memory that all processes of the tree had together."""
        return self._trees[name].peak_bytes / MEBIBYTE

    def peak_process_mib(self, name: str) -> float:
        """The most resident memory that one process had."""
        return self._trees[name].peak_process_bytes / MEBIBYTE

    def sample(self) -> None:
        for tree in self._trees.values():
            _sample(tree)
        _sample_machine(self._machine)

    def __enter__(self) -> UsageSampler:
        self.sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.sample()


def _sample(tree: _Tree) -> None:
    resident = []
    for process in _processes(tree):
        try:
            with process.oneshot():
                times = process.cpu_times()
                resident.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
        tree.cpu_seconds[process.pid] = times.user + times.system
    tree.times.append(time.time())
    tree.totals.append(sum(tree.cpu_seconds.values()))
    tree.peak_bytes = max(tree.peak_bytes, sum(resident))
    tree.peak_process_bytes = max(tree.peak_process_bytes, *resident, 0)


def _sample_machine(tree: _Tree) -> None:
    times = psutil.cpu_times()
    tree.times.append(time.time())
    # What the host of a virtual machine gives to others is lost to us too.
    tree.totals.append(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _counted_twice(times))


def _counted_twice(times: Any) -> float:
    """Linux has guests' time in that of users too."""
    return float(getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0))


def _processes(tree: _Tree) -> list[psutil.Process]:
    found = []
    for pid in tree.roots():
        try:
            root = tree.known.setdefault(pid, psutil.Process(pid))
            # Programs that are not ours are started through a small process of ours, which is no part of them.
            launched = runs_program(root.cmdline())
            found += [*root.children(recursive=True)] if launched else [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def _at(tree: _Tree, moment: float) -> float:
    """Processor time up to a moment, on the straight line between the samples around it."""
    after = bisect_left(tree.times, moment)
    if after == 0:
        return tree.totals[0]
    if after == len(tree.times):
        return tree.totals[-1]
    before = after - 1
    share = (moment - tree.times[before]) / (tree.times[after] - tree.times[before])
    return tree.totals[before] + share * (tree.totals[after] - tree.totals[before])
