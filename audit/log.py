"""Which frames are audited, and where an audit reads them and their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from audit.sighting import FrameIdentity, FrameSeen, OutcomeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditScope:
    """Those that fit all. cameras: empty for any. since, until: aware times of capture; until is left out."""

    cameras: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def has(self, origin: FrameIdentity) -> bool:
        return (
            (not self.cameras or origin.camera in self.cameras)
            and (self.since is None or origin.captured_at >= self.since)
            and (self.until is None or origin.captured_at < self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSpan:
    """Frames of one partition from offset first (included) to end (not included).

    beginning: the oldest frame that the partition still holds.
    committed: the next frame that the workers would take up, or None where they never committed.
    """

    partition: int
    first: int
    end: int
    beginning: int
    committed: int | None

    @property
    def frames(self) -> int:
        return max(0, self.end - self.first)

    @property
    def expired(self) -> int:
        """Frames that retention deleted before a worker had committed them, as far as that can still be seen."""
        return 0 if self.committed is None else max(0, self.beginning - self.committed)

    def is_pending(self, offset: int) -> bool:
        """Whether the workers still have to take that frame up, or have not committed it yet."""
        return self.committed is None or offset >= self.committed


class AuditLog(Protocol):
    """A snapshot of the topics. The outcomes are those that were there after the commits that the spans name."""

    @property
    def spans(self) -> Sequence[AuditedSpan]:
        """The frames to audit."""

    @property
    def is_whole(self) -> bool:
        """Whether outcomes() gives all outcomes that there are, without being asked to."""

    def outcomes(self, *, whole: bool = False) -> Iterator[OutcomeRecord]:
        """The outcomes, each partition's in its order. whole: also those that seem too old to be of these frames."""

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        """The frames at these ascending offsets, as far as they are still there."""
