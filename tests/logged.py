"""What a log record says, with its context."""

from __future__ import annotations

import logging

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def context(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in record.__dict__.items() if name not in _OWN}


def line(record: logging.LogRecord) -> str:
    """The message and its context as `name=value`."""
    return " ".join([record.getMessage(), *(f"{name}={value}" for name, value in context(record).items())])


def lines(records: list[logging.LogRecord]) -> list[str]:
    return [line(record) for record in records]
