"""Which of the frames in the spans are audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.sighting import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Those that fit all. cameras: empty for any. since, until: aware times of capture; until is left out."""

    cameras: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def has(self, origin: Origin) -> bool:
        return (
            (not self.cameras or origin.camera in self.cameras)
            and (self.since is None or origin.captured_at >= self.since)
            and (self.until is None or origin.captured_at < self.until)
        )
