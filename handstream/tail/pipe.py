"""Whether anybody still reads what is written."""

from __future__ import annotations

import select
from typing import IO, Any

from rich.console import Console


def check_reader(stream: IO[Any]) -> None:
    """Raise BrokenPipeError where the reader of a pipe has left: else only a write shows it, and without predictions
    nothing would be written."""
    poll = select.poll()
    try:
        poll.register(stream, 0)
    except (OSError, ValueError):  # not a file, such as a buffer in memory
        return
    if any(event & select.POLLERR for _, event in poll.poll(0)):
        raise BrokenPipeError


class PipeConsole(Console):
    """A console that leaves it to the caller what follows when nobody reads any longer; rich itself would exit."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
