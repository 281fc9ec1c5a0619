"""Lag as a table for a person, and as a line of JSON for a program."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitoring.cluster import STABLE, Partition
from monitoring.lag import PartitionLag
from monitoring.lag_collector import GroupLag, Snapshot

# From here on a row is shown in yellow, and in red.
LATE_SECONDS = 10.0
VERY_LATE_SECONDS = 60.0
UNKNOWN = "-"
# Offsets are committed once a second: over less than a few seconds the rate would jump about.
WINDOW_SECONDS = 10.0


class CommitRate:
    """Records a second that each group gets through, over the last ten seconds."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Partition], deque[tuple[float, int]]] = {}

    def update(self, snapshot: Snapshot) -> None:
        seen = {}
        for key, committed in _committed(snapshot):
            offsets = self._seen.get(key, deque())
            offsets.append((snapshot.taken_at_seconds, committed))
            # The one before the window stays, so that it is always covered.
            while len(offsets) > 2 and offsets[1][0] <= snapshot.taken_at_seconds - WINDOW_SECONDS:
                offsets.popleft()
            seen[key] = offsets
        self._seen = seen

    def per_second(self, group: str, partition: Partition) -> float | None:
        """None before the second snapshot, and where the group has not committed."""
        offsets = self._seen.get((group, partition))
        if offsets is None or offsets[-1][0] <= offsets[0][0]:
            return None
        (began, first), (ended, last) = offsets[0], offsets[-1]
        # Whoever sets offsets back has not read a negative number of records.
        return max(0, last - first) / (ended - began)


def _committed(snapshot: Snapshot) -> Iterator[tuple[tuple[str, Partition], int]]:
    for group in snapshot.groups:
        for lag in group.partitions:
            if lag.committed is not None:
                yield (group.group, Partition(lag.topic, lag.partition)), lag.committed


def lag_table(snapshot: Snapshot, rate: CommitRate) -> RenderableType:
    """One line with state and members for each group, and the partitions of all."""
    table = Table(
        box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=any(group.partitions for group in snapshot.groups)
    )
    rows = [(group.group, lag) for group in snapshot.groups for lag in group.partitions]
    total = sum(lag.records for _, lag in rows)
    oldest = max((lag.seconds or 0.0 for _, lag in rows), default=0.0)
    table.add_column("group", no_wrap=True, overflow="ellipsis", footer="all")
    table.add_column("topic", no_wrap=True, overflow="ellipsis")
    for name, footer in (
        ("partition", ""),
        ("committed", ""),
        ("end", ""),
        ("lag", f"{total:,}"),
        ("lag s", f"{oldest:,.1f}"),
        ("records/s", ""),
    ):
        table.add_column(name, justify="right", no_wrap=True, footer=footer)
    for group, lag in rows:
        table.add_row(*_cells(group, lag, rate), style=_style(lag))
    if not snapshot.groups:
        return Text("no consumer group has committed in one of our topics", style="dim")
    return Group(*(_heading(group) for group in snapshot.groups), table)


def lag_line(snapshot: Snapshot, rate: CommitRate) -> str:
    """One line of JSON. Times are seconds; null is what is not known."""
    document = {
        "at": datetime.fromtimestamp(snapshot.taken_at_seconds, UTC).isoformat(timespec="milliseconds"),
        "brokers": snapshot.brokers,
        "groups": [
            {
                "group": group.group,
                "state": group.state.state,
                "members": group.state.members,
                "partitions": [_fields(group.group, lag, rate) for lag in group.partitions],
            }
            for group in snapshot.groups
        ],
    }
    return json.dumps(document, ensure_ascii=False)


def _fields(group: str, lag: PartitionLag, rate: CommitRate) -> dict[str, str | float | None]:
    return {
        "topic": lag.topic,
        "partition": lag.partition,
        "committed": lag.committed,
        "beginning": lag.beginning,
        "end": lag.end,
        "lag_records": lag.records,
        "lag_seconds": _rounded(lag.seconds),
        "records_per_second": _rounded(rate.per_second(group, Partition(lag.topic, lag.partition))),
    }


def _heading(group: GroupLag) -> Text:
    state, members = group.state.state, group.state.members
    text = Text(group.group, style="bold")
    text.append(f"  {state}", style="green" if state == STABLE else "yellow")
    if members is not None:
        text.append(f"  {members} {'member' if members == 1 else 'members'}", style="" if members else "red")
    if not group.partitions:
        text.append("  has committed in none of our topics", style="dim")
    return text


def _cells(group: str, lag: PartitionLag, rate: CommitRate) -> tuple[Text | str, ...]:
    per_second = rate.per_second(group, Partition(lag.topic, lag.partition))
    return (
        # Text, since a name could hold what rich reads as markup.
        Text(group),
        Text(lag.topic),
        str(lag.partition),
        UNKNOWN if lag.committed is None else f"{lag.committed:,}",
        f"{lag.end:,}",
        f"{lag.records:,}",
        UNKNOWN if lag.seconds is None else f"{lag.seconds:,.1f}",
        UNKNOWN if per_second is None else f"{per_second:,.1f}",
    )


def _style(lag: PartitionLag) -> str:
    seconds = lag.seconds or 0.0
    return "red" if seconds >= VERY_LATE_SECONDS else "yellow" if seconds >= LATE_SECONDS else ""


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)
