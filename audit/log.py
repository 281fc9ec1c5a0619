"""Where an audit reads: the edge, and its twin in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from audit.sighting import FrameSeen, Sighting
from audit.span import Span


class Log(Protocol):
    """A snapshot of the topics. The outcomes are those that were there after the commits that the spans name."""

    @property
    def spans(self) -> Sequence[Span]:
        """The frames to audit."""

    @property
    def is_whole(self) -> bool:
        """Whether outcomes() gives all outcomes that there are, without being asked to."""

    def outcomes(self, *, whole: bool = False) -> Iterator[Sighting]:
        """The outcomes, each partition's in its order. whole: also those that seem too old to be of these frames."""

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        """The frames at these ascending offsets, as far as they are still there."""


@dataclass(slots=True, kw_only=True)
class MemoryLog:
    """A Log of what is given to it. make_outcomes: called for each reading, so that nothing has to be kept."""

    spans: Sequence[Span]
    make_outcomes: Callable[[], Iterable[Sighting]]
    kept: Mapping[int, Callable[[int], FrameSeen | None]] = field(default_factory=dict)
    is_whole: bool = True

    def outcomes(self, *, whole: bool = False) -> Iterator[Sighting]:  # noqa: ARG002
        yield from self.make_outcomes()

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        find = self.kept.get(partition)
        for offset in offsets:
            frame = find(offset) if find else None
            if frame is not None:
                yield frame
