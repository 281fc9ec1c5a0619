"""Frames and outcomes of an audit that never saw a broker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from audit.counts import Report
from audit.engine import EVERYTHING, audit
from audit.log import AuditedSpan, AuditScope
from audit.sighting import FrameIdentity, FrameSeen, OutcomeRecord, OutcomeSeen


@dataclass(slots=True, kw_only=True)
class MemoryLog:
    """An AuditLog of what is given to it. make_outcomes: called for each reading, so that nothing has to be kept."""

    spans: Sequence[AuditedSpan]
    make_outcomes: Callable[[], Iterable[OutcomeRecord]]
    kept: Mapping[int, Callable[[int], FrameSeen | None]] = field(default_factory=dict)
    is_whole: bool = True

    def outcomes(self, *, whole: bool = False) -> Iterator[OutcomeRecord]:  # noqa: ARG002
        yield from self.make_outcomes()

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        find = self.kept.get(partition)
        for offset in offsets:
            frame = find(offset) if find else None
            if frame is not None:
                yield frame


TOPIC, GROUP = "frames", "workers"
NOON = datetime(2025, 3, 14, 12, tzinfo=UTC)


def span(
    *, end: int, first: int = 0, beginning: int = 0, committed: int | None = None, partition: int = 0
) -> AuditedSpan:
    return AuditedSpan(partition=partition, first=first, end=end, beginning=beginning, committed=committed)


def origin(
    sequence: int, *, camera: str | None = "desk", run: str | None = "run", captured_at: datetime = NOON
) -> FrameIdentity:
    return FrameIdentity(camera=camera, captured_at=captured_at, run=run, sequence=sequence, in_sequence=True)


def outcome(
    offset: int,
    *,
    sequence: int | None = None,
    status: str = "ok",
    camera: str | None = "desk",
    partition: int = 0,
    captured_at: datetime = NOON,
) -> OutcomeSeen:
    number = offset if sequence is None else sequence
    return OutcomeSeen(
        partition=partition,
        offset=offset,
        written_in=partition,
        status=status,
        origin=origin(number, camera=camera, captured_at=captured_at),
    )


def stored(
    offset: int,
    *,
    camera: str | None = "desk",
    run: str | None = "run",
    end: tuple[str, int] | None = None,
    captured_at: datetime = NOON,
) -> FrameSeen:
    seen = origin(offset, camera=camera, run=run, captured_at=captured_at)
    return FrameSeen(offset=offset, timestamp_ms=0, origin=seen, end=end)


def audited(
    outcomes: Sequence[OutcomeRecord],
    *spans: AuditedSpan,
    kept: Mapping[int, FrameSeen] | None = None,
    scope: AuditScope = EVERYTHING,
) -> Report:
    """kept: frames of partition 0 by offset; one of camera desk lies wherever none is named."""
    frames = dict(kept or {})
    log = MemoryLog(
        spans=spans,
        make_outcomes=lambda: outcomes,
        kept={one.partition: lambda offset: frames.get(offset, stored(offset)) for one in spans},
    )
    return audit(log, topic=TOPIC, group=GROUP, scope=scope)
