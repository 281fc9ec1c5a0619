"""What was evaluated, in words for the reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

INDEPENDENT = "The intervals take the pictures for independent of each other."
STREAMED = (
    "Frames that follow each other show almost the same. The intervals take them for independent, "
    "so they are narrower than what is known."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """kind: `images`, `stream` or `video`. what: folders, topic and cameras, or films. created_at: of the report.

    grouped_by: what the figures are broken down by: `camera`, `folder` or `film`.
    passed_over: how many pictures were not evaluated, by reason. remarks: whatever else the reader must know.
    """

    kind: str
    what: str
    created_at: datetime
    grouped_by: str = "camera"
    passed_over: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
