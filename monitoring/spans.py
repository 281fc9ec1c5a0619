"""What a span and a tracer are, whoever keeps the spans, and a tracer that keeps them in memory.

Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Attributes = Mapping[str, str | int | float | bool]


class SpanKind(StrEnum):
    INTERNAL = "INTERNAL"
    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


class Span(Protocol):
    """Has begun. traceparent: what makes another span its child."""

    @property
    def traceparent(self) -> str: ...

    @property
    def is_kept(self) -> bool:
        """False where the sample left its trace out: then nothing about it need be worked out."""

    def end(self, at: float, *, attributes: Attributes | None = None, error: str | None = None) -> None: ...


class Tracer(Protocol):
    """Keeps spans. Called from any thread."""

    def begin(
        self, name: str, *, at: float, kind: SpanKind, parent: str | None, attributes: Attributes | None = None
    ) -> Span:
        """parent: a traceparent; None begins a trace, which the sample may leave out."""

    def close(self) -> None:
        """Hand over what is kept, within a few seconds."""


@dataclass(slots=True, kw_only=True)
class MemorySpan:
    name: str
    began: float
    kind: SpanKind
    parent: str | None
    traceparent: str
    is_kept: bool = True
    attributes: dict[str, str | int | float | bool] = field(default_factory=dict)
    ended: float | None = None
    error: str | None = None

    def end(self, at: float, *, attributes: Attributes | None = None, error: str | None = None) -> None:
        self.ended, self.error = at, error
        self.attributes.update(attributes or {})


class MemoryTracer:
    """A Tracer that keeps its spans in a list. keeps: whether traces that begin here are part of the sample."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.spans: list[MemorySpan] = []
        self._keeps = keeps

    def begin(
        self, name: str, *, at: float, kind: SpanKind, parent: str | None, attributes: Attributes | None = None
    ) -> MemorySpan:
        number = len(self.spans) + 1
        trace = f"{number:032x}" if parent is None else parent.split("-")[1]
        kept = self._keeps if parent is None else parent.endswith("1")
        span = MemorySpan(
            name=name,
            began=at,
            kind=kind,
            parent=parent,
            traceparent=f"00-{trace}-{number:016x}-0{int(kept)}",
            is_kept=kept,
            attributes=dict(attributes or {}),
        )
        self.spans.append(span)
        return span

    def close(self) -> None:
        """Nothing is handed on."""
