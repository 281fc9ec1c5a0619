"""Moments as people write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_AGO = re.compile(r"^(\d{1,9})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Read a time ago (`90s`, `10m`, `2h`, `7d`) or an RFC 3339 time with a zone.

    Raises ValueError for anything else.
    """
    ago = _AGO.match(text)
    try:
        moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        moment.timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{text!r} is neither a time ago such as 90s, 10m, 2h or 7d, "
            "nor an RFC 3339 time with a zone such as 2025-03-14T09:26:53Z"
        ) from error
    return moment
