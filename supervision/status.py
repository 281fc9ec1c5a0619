"""What a child process lets its supervisor know: that it is ready, what it works on, and why it failed.

A page of shared memory, so that it can be read also after a crash of native code or a SIGKILL.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# What is in hand, then what was said, each up to its first NUL.
_WORK = slice(0, 4096)
_SAID = slice(4096, 16384)
# In JSON a character takes up to twelve bytes.
_MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStatus:
    """details: what it said when it became ready. work: what it was working on, the oldest first.

    failure: the reason that it gave for its end. failed_at: the piece of work that it failed at.
    """

    ready: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    failure: str | None = None
    failed_at: str | None = None
    work: tuple[str, ...] = ()


class StatusPage:
    """The supervisor's end: one for each child, whose end inherits the file descriptor."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the child runs)
        self._file.truncate(_SAID.stop)
        self.descriptor: int = self._file.fileno()

    def read(self) -> ChildStatus:
        page = os.pread(self.descriptor, _SAID.stop, 0)
        work = _text(page[_WORK]).splitlines()
        try:
            said = json.loads(_text(page[_SAID]) or "{}")
        except ValueError:
            # It is being written just now.
            said = {}
        return ChildStatus(work=tuple(work), **said)

    def close(self) -> None:
        self._file.close()


class _Writer:
    def __init__(self) -> None:
        self._page: mmap.mmap | None = None
        self._said: dict[str, Any] = {}

    def attach(self, descriptor: int) -> None:
        self._page = mmap.mmap(descriptor, _SAID.stop)

    @property
    def is_attached(self) -> bool:
        return self._page is not None

    def say(self, **more: Any) -> None:
        self._said |= more
        self._write(json.dumps(self._said), where=_SAID)

    def work(self, items: Iterable[str]) -> None:
        self._write("\n".join(items), where=_WORK)

    def _write(self, text: str, *, where: slice) -> None:
        if self._page is not None:
            encoded = text.encode("ascii", "replace")[: where.stop - where.start - 1] + b"\0"
            self._page[where.start : where.start + len(encoded)] = encoded


_writer = _Writer()

attach = _writer.attach


def ready(**details: str | int) -> None:
    """This process does its work from now on. Without a supervisor, nothing happens."""
    _writer.say(ready=True, details=details)


def failed(reason: str, *, at: str | None = None) -> None:
    """This process is about to end because of that. at: the piece of work that it failed at."""
    _writer.say(failure=" ".join(reason.split())[:_MAX_REASON_CHARACTERS], failed_at=at)


def working_on(items: Iterable[object]) -> None:
    """All that is in hand, the oldest first; each by its str(). Cheap enough for every frame."""
    if _writer.is_attached:
        _writer.work(map(str, items))


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace")
