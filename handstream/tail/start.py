"""Where in the topic reading starts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum


class Edge(StrEnum):
    """An end of the topic."""

    EARLIEST = "earliest"
    LATEST = "latest"


Start = Edge | datetime

_AGO = re.compile(r"^(\d{1,9})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_start(text: str, *, now: datetime) -> Start:
    """Read `earliest`, `latest`, a time ago (`90s`, `10m`, `2h`, `7d`) or an RFC 3339 time with a zone.

    Raises ValueError for anything else, and for a time to come.
    """
    if text in list(Edge):
        return Edge(text)
    ago = _AGO.match(text)
    try:
        start = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(text)
        if start.tzinfo is None:
            raise ValueError("no time zone")
        start.timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{text!r} is none of: earliest, latest, a time ago such as 90s, 10m, 2h or 7d, "
            "an RFC 3339 time with a zone such as 2025-03-14T09:26:53Z"
        ) from error
    if start > now:
        raise ValueError(f"{text!r} is still to come; latest starts now")
    return start
