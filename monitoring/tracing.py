"""The tracer that the settings ask for. Nothing of OpenTelemetry is imported before it is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from monitoring.spans import Tracer
from settings import Settings

_ADDRESSES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


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
