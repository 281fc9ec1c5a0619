"""Dead letters as a table, as JSON, and one in full."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from dead_letters.letter import Letter
from events.cloud_event import format_time
from events.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a list says of a letter; not its value, so that many can be held."""

    time: str
    reason: Reason
    camera: str
    letter: str
    frame: str
    retries: int
    bytes: int
    error: str


class Newest:
    """Keeps the newest letters, and counts all of them by reason. most: None keeps all."""

    def __init__(self, *, most: int | None) -> None:
        self._most = most
        self._heap: list[tuple[str, int, Line]] = []
        self.by_reason: Counter[Reason] = Counter()

    def add(self, letters: Iterable[Letter]) -> None:
        for count, letter in enumerate(letters):
            self.by_reason[letter.letter.reason] += 1
            item = (format_time(letter.letter.time), count, line_of(letter))
            if self._most is None or len(self._heap) < self._most:
                heapq.heappush(self._heap, item)
            else:
                heapq.heappushpop(self._heap, item)

    @property
    def lines(self) -> list[Line]:
        """Oldest first."""
        return [line for *_, line in sorted(self._heap, key=lambda item: item[:2])]


def line_of(one: Letter) -> Line:
    return Line(
        time=format_time(one.letter.time),
        reason=one.letter.reason,
        camera=one.camera,
        letter=f"{one.position.partition}/{one.position.offset}",
        frame=str(one.letter.position),
        retries=one.retries,
        bytes=len(one.letter.value),
        error=one.error,
    )


def table_of(lines: Sequence[Line]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("letter", "time", "reason", "camera", "frame", "retries", "error"):
        table.add_column(name, overflow="fold", no_wrap=name in ("letter", "time", "reason"))
    for line in lines:
        cells = (line.letter, line.time[:19] + "Z", line.reason.value, line.camera, line.frame, str(line.retries))
        table.add_row(*map(Text, (*cells, line.error)))
    return table


def counts(by_reason: Counter[Reason]) -> str:
    """The figures in words, most first."""
    ranked = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {reason.value}" for reason, count in ranked)


def described(one: Letter) -> dict[str, Any]:
    """All that is known of a letter but its value, for JSON; headers are pairs, since a name may stand twice."""
    return {
        "letter": str(one.position),
        "frame": str(one.letter.position),
        "time": format_time(one.letter.time),
        "reason": one.letter.reason.value,
        "error": one.error,
        "camera": one.camera,
        "retries": one.retries,
        "bytes": len(one.letter.value),
        "key": None if one.letter.key is None else one.letter.key.decode(errors="backslashreplace"),
        "headers": [list(pair) for pair in one.shown_headers()],
    }


def in_full(one: Letter) -> Iterator[str]:
    """All that is known of a letter, a line each."""
    facts = described(one)
    headers = facts.pop("headers")
    for name, value in facts.items():
        yield f"{name:<8} {'' if value is None else value}"
    yield ""
    for name, value in headers:
        yield f"{name}: {value}"
    yield ""
    begin = one.letter.value[:16]
    yield f"begins with {begin!r}" if begin else "has no bytes"
