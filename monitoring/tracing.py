"""Traces: what a part of a frame's way is, whoever keeps it. Nothing of OpenTelemetry is imported before it is wanted.

Times are seconds since the epoch, UTC.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from settings import Settings

Attributes = Mapping[str, str | int | float | bool]
_ADDRESSES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


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


def traces_wanted(settings: Settings) -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return settings.traces_endpoint is not None or any(os.environ.get(name) for name in _ADDRESSES)


def start_tracer(settings: Settings, *, service: str) -> Tracer | None:
    """What keeps the spans of this process, or None where nobody wants any. service: its name in the traces."""
    if not traces_wanted(settings):
        return None
    from monitoring.otlp_tracer import OtlpTracer  # noqa: PLC0415

    return OtlpTracer(endpoint=settings.traces_endpoint, sample_ratio=settings.traces_sample_ratio, service=service)


@contextmanager
def running_tracer(settings: Settings, *, service: str) -> Iterator[Tracer | None]:
    """The same for a block."""
    tracer = start_tracer(settings, service=service)
    try:
        yield tracer
    finally:
        if tracer is not None:
            tracer.close()


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
