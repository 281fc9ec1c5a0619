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
    """kind: `images` or `stream`. what: folders, or topic and cameras. created_at: when the report was made.

    passed_over: how many pictures were not evaluated, by reason. remarks: whatever else the reader must know.
    """

    kind: str
    what: str
    created_at: datetime
    passed_over: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
