"""Spans to an OpenTelemetry collector, over OTLP/HTTP. Import it only where traces are wanted."""

from __future__ import annotations

import os
import threading
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from monitoring.spans import Attributes, SpanKind

# A collector that is away must hold up no process that wants to end.
EXPORT_TIMEOUT_SECONDS = 5.0
CLOSE_SECONDS = 3.0
_NANOSECONDS = 1_000_000_000
_PROPAGATOR = TraceContextTextMapPropagator()


class OtlpSpan:
    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags) & 1:02x}"

    @property
    def is_kept(self) -> bool:
        return self._span.is_recording()

    def end(self, at: float, *, attributes: Attributes | None = None, error: str | None = None) -> None:
        if attributes:
            self._span.set_attributes(dict(attributes))
        if error is not None:
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._span.end(round(at * _NANOSECONDS))


class OtlpTracer:
    """A Tracer that exports in batches, from a thread of its own.

    endpoint: address without /v1/traces; None: as the variables OTEL_EXPORTER_OTLP_… say.
    sample_ratio: share of the traces that begin here and are kept; those that began elsewhere were decided there.
    exporter: in place of OTLP over HTTP.
    """

    def __init__(
        self, *, endpoint: str | None, sample_ratio: float, service: str, exporter: SpanExporter | None = None
    ) -> None:
        attributes = {"service.version": version("handstream"), "service.instance.id": str(os.getpid())}
        if not os.environ.get("OTEL_SERVICE_NAME"):
            attributes["service.name"] = service
        # None of our own would be the global provider: a library that traces by itself is not asked to.
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample_ratio)),
            resource=Resource.create(attributes),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter or _otlp_exporter(endpoint)))
        self._tracer = self._provider.get_tracer("handstream", version("handstream"))

    def begin(
        self, name: str, *, at: float, kind: SpanKind, parent: str | None, attributes: Attributes | None = None
    ) -> OtlpSpan:
        # An empty context, not the thread's: whatever else runs there is no parent of this.
        context = Context()
        if parent is not None:
            context = _PROPAGATOR.extract({"traceparent": parent}, context)
        return OtlpSpan(
            self._tracer.start_span(
                name,
                context=context,
                kind=OtelKind[kind.value],
                attributes=dict(attributes or {}),
                start_time=round(at * _NANOSECONDS),
            )
        )

    def close(self) -> None:
        closing = threading.Thread(target=self._provider.shutdown, name="close-traces", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


def _otlp_exporter(endpoint: str | None) -> SpanExporter:
    return OTLPSpanExporter(
        endpoint=None if endpoint is None else f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_SECONDS
    )
