"""The tracer that exports to OpenTelemetry's memory, with its spans in the order in which they began."""

from __future__ import annotations

from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from monitoring.otlp_tracer import OtlpSpan, OtlpTracer
from monitoring.spans import Attributes, SpanKind

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunSpan:
    """parent: the traceparent that it was begun with."""

    name: str
    parent: str | None
    span: OtlpSpan

    @property
    def traceparent(self) -> str:
        return self.span.traceparent

    @property
    def began(self) -> float:
        assert self._read.start_time is not None
        return self._read.start_time / _NANOSECONDS

    @property
    def ended(self) -> float | None:
        return None if self._read.end_time is None else self._read.end_time / _NANOSECONDS

    @property
    def error(self) -> str | None:
        return self._read.status.description if self._read.status.status_code is StatusCode.ERROR else None

    @property
    def attributes(self) -> dict[str, object]:
        return dict(self._read.attributes or {})

    @property
    def _read(self) -> ReadableSpan:
        span = self.span._span
        assert isinstance(span, ReadableSpan), "the sample left it out"
        return span


class MemoryTracer(OtlpTracer):
    def __init__(self) -> None:
        super().__init__(endpoint=None, sample_ratio=1.0, service="tests", exporter=InMemorySpanExporter())
        self.spans: list[BegunSpan] = []

    def begin(
        self, name: str, *, at: float, kind: SpanKind, parent: str | None, attributes: Attributes | None = None
    ) -> OtlpSpan:
        span = super().begin(name, at=at, kind=kind, parent=parent, attributes=attributes)
        self.spans.append(BegunSpan(name=name, parent=parent, span=span))
        return span
