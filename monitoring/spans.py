"""What a span and a tracer are for who makes spans, so that OpenTelemetry is imported only where traces are wanted.

Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
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
