"""Ratios between contenders of one turn, and the bars that they have to clear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.contender import CONTENDERS, HANDSTREAM, MEDIAPIPE_LOOP, OWN_LOOP, PEERS
from benchmarks.results import Results, Throughput
from benchmarks.summary import Spread

CAMERAS = 8
TWO_HANDS = frozenset(peer.name for peer in PEERS if peer.hands == 2)
KAFKA_PYTHON_ONE_HAND = frozenset({"kafka-python-1"})
LOAD = 0.6

Pick = Callable[[Throughput], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The throughput runs of one group that took turns with each other."""

    group: str
    runs: Sequence[Throughput]

    def best(self, names: Iterable[str], *, cameras: int) -> float | None:
        """The highest rate that one of them reached, frames per second; None where none took part."""
        return max((run.fps for run in self.runs if run.contender in names and run.cameras == cameras), default=None)

    def run(self, name: str, *, cameras: int) -> Throughput | None:
        return next((run for run in self.runs if (run.contender, run.cameras) == (name, cameras)), None)


def turns(results: Sequence[Results], group: str) -> list[Turn]:
    found: dict[tuple[int, int], list[Throughput]] = {}
    for number, result in enumerate(results):
        for run in result.throughput:
            if run.group == group:
                found.setdefault((number, run.turn), []).append(run)
    return [Turn(group=group, runs=runs) for runs in found.values()]


def ratios(
    results: Sequence[Results],
    *,
    group: str,
    over: Iterable[str] = (HANDSTREAM.name,),
    under: Iterable[str],
    cameras: int = CAMERAS,
) -> list[float]:
    """Of each turn in which both took part: the rate of the best of `over` as a multiple of the best of `under`."""
    found = []
    for turn in turns(results, group):
        upper, lower = turn.best(over, cameras=cameras), turn.best(under, cameras=cameras)
        if upper is not None and lower is not None:
            found.append(upper / lower)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """values: one for each turn. limit: what their median must reach, or must not exceed where is_maximum."""

    title: str
    unit: str
    values: Sequence[float]
    limit: float
    is_maximum: bool = False

    @property
    def spread(self) -> Spread | None:
        return Spread.of(self.values) if self.values else None

    @property
    def is_met(self) -> bool | None:
        """None where nothing was measured."""
        if not self.values:
            return None
        found = median(self.values)
        return found <= self.limit if self.is_maximum else found >= self.limit


def bars(results: Sequence[Results]) -> list[Bar]:
    """Of the machine with or without bf16, as the first of the results has it."""
    has_bf16 = bool(results) and results[0].machine.has_bf16

    def limit(with_bf16: float, without: float) -> float:
        return with_bf16 if has_bf16 else without

    def ratio(title: str, group: str, under: Iterable[str], least: float) -> Bar:
        values = ratios(results, group=group, under=under)
        return Bar(title=title, unit="x", values=values, limit=least)

    bare, own, peers = {MEDIAPIPE_LOOP.name}, {OWN_LOOP.name}, {peer.name for peer in PEERS}
    at_load = [one for result in results for one in result.latency if _is_ours_at_load(one.contender, one.load)]
    idle = [one for result in results for one in result.idle]
    return [
        ratio("bare MediaPipe loop, live, same capability", "live", bare, limit(1.5, 1.1)),
        ratio("best peer tracking two hands", "live", TWO_HANDS, limit(2.5, 1.8)),
        ratio("kafka-python loop tracking one hand", "live", KAFKA_PYTHON_ONE_HAND, limit(1.4, 1.1)),
        ratio("bare MediaPipe loop, stills", "stills", bare, limit(1.25, 1.0)),
        ratio("best peer, stills", "stills", peers, limit(1.25, 1.0)),
        ratio("our own bare engine, live", "live", own, 0.88),
        ratio("our own bare engine, stills", "stills", own, 0.93),
        Bar(
            title="idle camera, CPU of the workers per frame",
            unit="ms",
            values=[one.cpu_ms_per_frame for one in idle],
            limit=1.0,
            is_maximum=True,
        ),
        Bar(
            title="idle camera, slowest detection of a hand that appears",
            unit="ms",
            values=[max(one.detection_ms) for one in idle if one.detection_ms],
            limit=200.0,
            is_maximum=True,
        ),
        Bar(
            title="at 60 % load, median latency above median inference",
            unit="ms",
            values=[one.above_p50_ms for one in at_load],
            limit=6.0,
            is_maximum=True,
        ),
        Bar(
            title="at 60 % load, p99 of the latency above median inference",
            unit="ms",
            values=[one.above_p99_ms for one in at_load],
            limit=40.0,
            is_maximum=True,
        ),
    ]


def _is_ours_at_load(contender: str, load: float) -> bool:
    return contender == HANDSTREAM.name and abs(load - LOAD) < 0.01


def title(contender: str) -> str:
    known = CONTENDERS.get(contender)
    return known.title if known else contender
