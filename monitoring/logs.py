"""How a process logs: one JSON object a line, or a line for a person at a terminal."""

from __future__ import annotations

import logging.config
import os
import sys
from collections.abc import Iterable
from typing import IO, Any

import structlog
from pydantic import SecretStr
from structlog.typing import Processor

from monitoring.redaction import Redaction
from monitoring.repeats import Repeats
from settings import LogFormat, Settings

OURS = "handstream"
_EVENT_CHARACTERS = 30


def configure_logs(settings: Settings, *, quiet: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
    """Log to stderr from now on, libraries too. quiet: libraries of which nothing is wanted.

    secrets: what must not be seen besides the settings' own.
    """
    logging.config.dictConfig(log_configuration(settings, quiet=quiet, secrets=secrets))


def log_configuration(
    settings: Settings,
    *,
    quiet: Iterable[str] = (),
    secrets: Iterable[str] = (),
    handler: logging.Handler | None = None,
) -> dict[str, Any]:
    """The same for `logging.config.dictConfig`, for programs that call that themselves. handler: in place of stderr."""
    level = settings.log_level.value
    output: dict[str, Any] = {"class": "logging.StreamHandler"} if handler is None else {"()": lambda: handler}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": lambda: log_formatter(settings, secrets=secrets)}},
        "filters": {"repeats": {"()": Repeats}},
        "handlers": {"stderr": {**output, "formatter": "line", "filters": ["repeats"]}},
        # Below WARNING, libraries tell of each record.
        "root": {"level": max(logging.WARNING, logging.getLevelNamesMapping()[level]), "handlers": ["stderr"]},
        "loggers": {OURS: {"level": level}, **{name: {"level": logging.CRITICAL + 1} for name in quiet}},
    }


def log_formatter(
    settings: Settings, *, secrets: Iterable[str] = (), stream: IO[str] | None = None
) -> structlog.stdlib.ProcessorFormatter:
    """What turns a record of any logger into its line. stream: where the lines go; stderr where not given."""
    hide = Redaction((*secrets_of(settings), *secrets))
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Before the redaction: a traceback quotes the message of the error.
            structlog.processors.format_exc_info,
            hide,
            *_renderers(settings, sys.stderr if stream is None else stream),
        ],
    )


def logs_as_json(settings: Settings, stream: IO[str]) -> bool:
    if settings.log_format is LogFormat.AUTO:
        return not stream.isatty()
    return settings.log_format is LogFormat.JSON


def secrets_of(settings: Settings) -> list[str]:
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def _renderers(settings: Settings, stream: IO[str]) -> list[Processor]:
    if logs_as_json(settings, stream):
        return [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    return [structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=_EVENT_CHARACTERS)]


def _in_order(_logger: Any, _method: str, event: Any) -> Any:
    """What every line has stands first, for whoever reads the file as it is."""
    first = ("timestamp", "level", "logger", "event")
    return {**{name: event[name] for name in first if name in event}, **event}
