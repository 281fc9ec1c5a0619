"""What a run of a producer came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """published, dropped: frames, of all cameras together; dropped by reason. bytes: of the published pictures.

    seconds: from the first picture asked for until the last frame was confirmed or dropped.
    stream_ended: whether every partition holds its stream end.
    """

    run: str
    source: str
    cameras: int
    published: int
    dropped: Mapping[str, int]
    bytes: int
    seconds: float
    interrupted: bool
    stream_ended: bool
    unreadable_files: int = 0

    @property
    def frames_per_second(self) -> float:
        return self.published / self.seconds if self.seconds > 0 else 0.0
