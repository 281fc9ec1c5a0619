"""What a producer logs: lines above the progress at a terminal, else one JSON object a line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from monitoring.logs import OURS, log_formatter
from monitoring.repeats import Repeats
from settings import Settings


class _ConsoleHandler(logging.Handler):
    """Prints through the console, which keeps the lines above a live display."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self.addFilter(Repeats())

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(Text.from_ansi(self.format(record)), highlight=False)


@contextmanager
def messages(console: Console) -> Iterator[Callable[[Settings], None]]:
    """Our messages go to the console; gives what sets their form and level once the settings are known.

    kafka-python's own stay out, since ours say the same in a line.
    """
    ours, kafka = logging.getLogger(OURS), logging.getLogger("kafka")
    handler = _ConsoleHandler(console)
    before = (ours.level, ours.propagate, kafka.level)
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    kafka.setLevel(logging.CRITICAL + 1)

    def log_as(settings: Settings) -> None:
        handler.setFormatter(log_formatter(settings, stream=console.file))
        ours.setLevel(settings.log_level.value)

    try:
        yield log_as
    finally:
        ours.removeHandler(handler)
        ours.level, ours.propagate, kafka.level = before
