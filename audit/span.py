"""Which part of a partition is audited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
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
