"""Where in the topic reading starts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from events.moment import parse_moment


class Edge(StrEnum):
    """An end of the topic."""

    EARLIEST = "earliest"
    LATEST = "latest"


Start = Edge | datetime


def parse_start(text: str, *, now: datetime) -> Start:
    """Read `earliest`, `latest`, a time ago (`90s`, `10m`, `2h`, `7d`) or an RFC 3339 time with a zone.

    Raises ValueError for anything else, and for a time to come.
    """
    if text in list(Edge):
        return Edge(text)
    try:
        start = parse_moment(text, now=now)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is none of: earliest, latest, a time ago such as 90s, 10m, 2h or 7d, "
            "an RFC 3339 time with a zone such as 2025-03-14T09:26:53Z"
        ) from error
    if start > now:
        raise ValueError(f"{text!r} is still to come; latest starts now")
    return start
