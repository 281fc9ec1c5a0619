"""Lag as a table for a person, and as a line of JSON for a program."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitoring.cluster import STABLE, Partition
from monitoring.commit_rate import CommitRate
from monitoring.lag import PartitionLag
from monitoring.lag_collector import GroupLag, Snapshot

# From here on a row is shown in yellow, and in red.
LATE_SECONDS = 10.0
VERY_LATE_SECONDS = 60.0
UNKNOWN = "-"


def lag_table(snapshot: Snapshot, pace: CommitRate) -> RenderableType:
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
        table.add_row(*_cells(group, lag, pace), style=_style(lag))
    if not snapshot.groups:
        return Text("no consumer group has committed in one of our topics", style="dim")
    return Group(*(_heading(group) for group in snapshot.groups), table)


def lag_line(snapshot: Snapshot, pace: CommitRate) -> str:
    """One line of JSON. Times are seconds; null is what is not known."""
    document = {
        "at": datetime.fromtimestamp(snapshot.taken_at_seconds, UTC).isoformat(timespec="milliseconds"),
        "brokers": snapshot.brokers,
        "groups": [
            {
                "group": group.group,
                "state": group.state.state,
                "members": group.state.members,
                "partitions": [_fields(group.group, lag, pace) for lag in group.partitions],
            }
            for group in snapshot.groups
        ],
    }
    return json.dumps(document, ensure_ascii=False)


def _fields(group: str, lag: PartitionLag, pace: CommitRate) -> dict[str, str | float | None]:
    return {
        "topic": lag.topic,
        "partition": lag.partition,
        "committed": lag.committed,
        "beginning": lag.beginning,
        "end": lag.end,
        "lag_records": lag.records,
        "lag_seconds": _rounded(lag.seconds),
        "records_per_second": _rounded(pace.per_second(group, Partition(lag.topic, lag.partition))),
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


def _cells(group: str, lag: PartitionLag, pace: CommitRate) -> tuple[Text | str, ...]:
    rate = pace.per_second(group, Partition(lag.topic, lag.partition))
    return (
        # Text, since a name could hold what rich reads as markup.
        Text(group),
        Text(lag.topic),
        str(lag.partition),
        UNKNOWN if lag.committed is None else f"{lag.committed:,}",
        f"{lag.end:,}",
        f"{lag.records:,}",
        UNKNOWN if lag.seconds is None else f"{lag.seconds:,.1f}",
        UNKNOWN if rate is None else f"{rate:,.1f}",
    )


def _style(lag: PartitionLag) -> str:
    seconds = lag.seconds or 0.0
    return "red" if seconds >= VERY_LATE_SECONDS else "yellow" if seconds >= LATE_SECONDS else ""


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)
