"""Where a partition ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What the broker said of a partition when it was last asked for records.

    offset: that the next record will have. at: when it said so, in epoch seconds. read: offset that is asked for next.
    assignment: number of the sharing out by which the partition is ours. records_end: one more than the offset of the
    last record that is known to be there; markers and records of aborted transactions may follow it.
    """

    offset: int
    at: float
    read: int
    assignment: int
    records_end: int
