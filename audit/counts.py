"""What was found, in figures."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from audit.log import AuditedSpan
from events.record import Position

EXAMPLES = 10


@dataclass(slots=True, kw_only=True)
class OutcomeCounts:
    """Of one camera, or of all. frames = ok + no_hand + stale + dead + pending + lost.

    duplicated: outcomes beyond the first of a frame. out_of_order: predictions that came after one of a later frame
    of their camera. missing_in_sequence: numbers that no frame has, since the producer dropped them.
    back_in_sequence: frames whose number is not above that of the frame before.
    """

    frames: int = 0
    ok: int = 0
    no_hand: int = 0
    stale: int = 0
    dead: int = 0
    pending: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    missing_in_sequence: int = 0
    back_in_sequence: int = 0

    def add(self, other: OutcomeCounts) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True, kw_only=True)
class Ends:
    """Stream ends: passed_on, still pending, lost, passed on more than once, or written before a frame they end."""

    passed_on: int = 0
    pending: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0


@dataclass(slots=True, kw_only=True)
class Examples:
    """The first frames of each kind of finding, as topic/partition/offset."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Report:
    """The result of an audit.

    cameras: by their id; None where a frame has none. strays: records in the outcome topics that are no outcome.
    frame_gone: outcomes whose frame was deleted by retention. no_record: offsets that hold none.
    expired: frames deleted by retention before a worker had processed them.
    """

    topic: str
    group: str
    spans: tuple[AuditedSpan, ...]
    cameras: dict[str | None, OutcomeCounts] = field(default_factory=dict)
    ends: Ends = field(default_factory=Ends)
    examples: Examples = field(default_factory=Examples)
    strays: int = 0
    first_stray: str | None = None
    frame_gone: int = 0
    no_record: int = 0
    expired: int = 0
    outcomes_read: int = 0

    @property
    def totals(self) -> OutcomeCounts:
        total = OutcomeCounts()
        for counts in self.cameras.values():
            total.add(counts)
        return total

    @property
    def lost(self) -> int:
        return self.totals.lost + self.ends.lost

    @property
    def duplicated(self) -> int:
        return self.totals.duplicated + self.ends.duplicated

    @property
    def out_of_order(self) -> int:
        return self.totals.out_of_order + self.ends.out_of_order

    @property
    def pending(self) -> int:
        return self.totals.pending + self.ends.pending

    def broken(self, *, max_duplicates: int | None = None) -> tuple[str, ...]:
        """The guarantees that were violated, one line each. max_duplicates: None: any number is allowed."""
        found = []
        if self.lost:
            found.append(f"{self.lost} lost: committed by the workers, and without an outcome")
        if self.out_of_order:
            found.append(f"{self.out_of_order} out of order within their camera")
        if max_duplicates is not None and self.duplicated > max_duplicates:
            found.append(f"{self.duplicated} duplicated, {max_duplicates} allowed")
        return tuple(found)

    def notes(self) -> tuple[str, ...]:
        """What violates no guarantee and should be known all the same."""
        total = self.totals
        lines = (
            (self.pending, "still pending: not yet committed by a worker"),
            (self.duplicated, "duplicated: the delivery is at least once, and readers drop the second by its id"),
            (total.stale, "stale: skipped, since they were too old for a live stream"),
            (total.dead, "dead letters: `handstream dlq list` shows why"),
            (total.missing_in_sequence, "sequence numbers missing: dropped by the producer of their camera"),
            (
                total.back_in_sequence,
                "frames whose sequence number does not increase: published that way",
            ),
            (self.frame_gone, "outcomes whose frame was deleted by retention"),
            (self.expired, "frames deleted by retention before a worker had processed them"),
            (self.no_record, "offsets without a record: markers, aborted transactions, or deleted records"),
            (
                self.strays,
                f"records that are no outcome of these frames, the first {self.first_stray}",
            ),
        )
        return tuple(f"{count} {text}" for count, text in lines if count)

    def example(self, examples: list[str], *, partition: int, offset: int) -> None:
        if len(examples) < EXAMPLES:
            examples.append(str(Position(topic=self.topic, partition=partition, offset=offset)))

    def to_builtins(self, *, max_duplicates: int | None = None) -> dict[str, Any]:
        """For JSON."""
        broken = self.broken(max_duplicates=max_duplicates)
        return {
            "promises_kept": not broken,
            "broken": list(broken),
            "notes": list(self.notes()),
            "topic": self.topic,
            "group": self.group,
            "totals": _values(self.totals),
            "stream_ends": _values(self.ends),
            "cameras": [{"camera": camera, **_values(self.cameras[camera])} for camera in self.camera_names()],
            "partitions": [_values(span) for span in self.spans],
            "examples": _values(self.examples),
            "frame_gone": self.frame_gone,
            "expired": self.expired,
            "no_record": self.no_record,
            "strays": self.strays,
            "first_stray": self.first_stray,
            "outcomes_read": self.outcomes_read,
        }

    def camera_names(self) -> list[str | None]:
        """Sorted; frames without a camera come last."""
        return sorted(self.cameras, key=lambda camera: (camera is None, camera or ""))


def _values(record: Any) -> dict[str, Any]:
    return {one.name: getattr(record, one.name) for one in fields(record)}
