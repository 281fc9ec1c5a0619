"""What cameras cost before which nothing moves, and how soon a hand that appears is detected."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.contender import HANDSTREAM
from benchmarks.film_sources import appearing, idle
from benchmarks.pace import SETTLE_SECONDS, paced_system
from benchmarks.results import Idle
from benchmarks.topics import Outcome
from settings import Settings

CAMERAS = 4
FPS = 15.0
IDLE_IMAGES = 30
# Three seconds without a hand, then one with it.
NOBODY_IMAGES = 45
HAND_IMAGES = 15
BASE_SECONDS = 3.0


def run_idle(*, seconds: float, turn: int, settings: Settings, broker_pid: int | None) -> Idle:
    """seconds: of idle cameras, and as long again of cameras before which hands appear. Raises RunFailed."""
    films = idle(cameras=CAMERAS, images=IDLE_IMAGES)
    hands = appearing(cameras=CAMERAS, idle_images=NOBODY_IMAGES, hand_images=HAND_IMAGES)
    with paced_system(HANDSTREAM, films, settings=settings, broker_pid=broker_pid) as system:
        usage = system.place.usage
        time.sleep(BASE_SECONDS + SETTLE_SECONDS)
        now = time.time()
        base_seconds = usage.cpu_seconds("contender", start=now - BASE_SECONDS, end=now)
        start, end = system.play(films, fps=FPS, seconds=seconds)
        start += SETTLE_SECONDS
        cpu_seconds = usage.cpu_seconds("contender", start=start, end=end)
        quiet = system.outcomes(start=start, end=end)
        first = 2 + round(FPS * seconds)
        start, end = system.play(hands, fps=FPS, seconds=seconds)
        found = system.outcomes(start=start, end=end)
    detections = [one for partition in _by_partition(found) for one in _detections(partition, first=first)]
    return Idle(
        turn=turn,
        cameras=CAMERAS,
        fps=FPS,
        cpu_ms_per_frame=round(cpu_seconds * 1000 / len(quiet), 3),
        base_cpu_ms_per_second=round(base_seconds * 1000 / BASE_SECONDS, 2),
        skipped_share=round(sum(outcome.detector_skipped for outcome in quiet) / len(quiet), 3),
        detection_ms=[round(milliseconds, 1) for milliseconds, _ in detections],
        detection_frames=[frames for _, frames in detections],
    )


def _by_partition(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    partitions: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        partitions[outcome.partition].append(outcome)
    return list(partitions.values())


def _detections(outcomes: Sequence[Outcome], *, first: int) -> list[tuple[float, int]]:
    """Milliseconds and frames until each hand that appears in a film is detected, which plays from frame `first` on."""
    length = NOBODY_IMAGES + HAND_IMAGES
    appearances: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        cycle, image = divmod(outcome.sequence, length)
        if image >= NOBODY_IMAGES and outcome.sequence >= first:
            appearances[cycle].append(outcome)
    found = []
    for shown in appearances.values():
        if shown[0].sequence % length != NOBODY_IMAGES:
            continue  # the playback began within the hand's time
        captured_at = shown[0].captured_at
        frames, at = next(
            ((number, outcome) for number, outcome in enumerate(shown) if outcome.has_hand), (len(shown), None)
        )
        # Never detected: as late as the hand was there at all.
        seen_at = at.stored_at if at is not None else shown[-1].stored_at
        found.append(((seen_at - captured_at) * 1000, frames))
    return found
