"""Warnings that come again and again, said once a minute."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_SECONDS = 60.0
# Whatever is said, no more is remembered; the oldest is forgotten first.
MAX_REMEMBERED = 512

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "repeated"}


class Repeats(logging.Filter):
    """Lets a warning or error through once a minute; the next one says how many were held back (`repeated`).

    Two are the same where logger, level, text and the texts of their context are; figures in it may differ. Of a
    library's message only the part before its arguments counts, which often are figures. What has a `count` counts by
    itself and is let through. clock: seconds that only rise.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: OrderedDict[tuple[object, ...], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or hasattr(record, "count"):
            return True
        now, key = self._clock(), _key(record)
        with_it = self._said.pop(key, None)
        if with_it is not None and now - with_it[0] < WINDOW_SECONDS:
            self._said[key] = (with_it[0], with_it[1] + 1)
            return False
        if with_it is not None and with_it[1]:
            record.repeated = with_it[1]
        self._said[key] = (now, 0)
        while len(self._said) > MAX_REMEMBERED:
            self._said.popitem(last=False)
        return True


def _key(record: logging.LogRecord) -> tuple[object, ...]:
    context = {name: value for name, value in record.__dict__.items() if name not in _OWN and isinstance(value, str)}
    return (record.name, record.levelno, str(record.msg), *sorted(context.items()))
