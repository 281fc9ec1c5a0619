"""Writes the reference of the metrics from their table:  python -m tools.metrics_docs"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from monitoring.metric import HistogramMetric, Metric, Process
from monitoring.table import METRICS

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
WHERE = {
    Process.WORKER: "port 9101 for the first worker process, the next ports for the others (`HANDSTREAM_METRICS_PORT`)",
    Process.PRODUCER: "port 9201, or the next that is free (`HANDSTREAM_PRODUCER_METRICS_PORT`)",
    Process.GATEWAY: "the gateway's own port, 8000 (`HANDSTREAM_GATEWAY_PORT`)",
    Process.MONITOR: "port 9308 (`HANDSTREAM_MONITOR_PORT`)",
}


def document() -> str:
    return "\n".join(_lines()) + "\n"


def main() -> None:
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(DOCUMENT.relative_to(DOCUMENT.parent.parent))


def _lines() -> Iterator[str]:
    yield "# Metrics"
    yield ""
    yield "Made from `monitoring/table.py` by `make docs`: change that, not this page."
    yield ""
    yield "Each process serves its own at `/metrics`:"
    yield ""
    for process, where in WHERE.items():
        yield f"- {process}: {where}"
    yield ""
    yield "Labels take few values, whatever cameras call themselves: the first 64 have series of their own, the others"
    yield "share one, `other`; a camera that is silent for ten minutes gives its place to the next. Whoever asks a"
    yield "worker for OpenMetrics gets exemplars: points of `handstream_end_to_end_seconds` name their frame, and its"
    yield "trace (`trace_id`) where one is kept."
    for process in Process:
        yield ""
        yield f"## {process.capitalize()}"
        yield ""
        yield "| metric | type | unit | labels | meaning | why |"
        yield "|---|---|---|---|---|---|"
        for metric in METRICS:
            if process in metric.processes:
                yield _row(metric)
    yield ""
    yield "## Buckets"
    yield ""
    yield "| histogram | upper bounds |"
    yield "|---|---|"
    for metric in METRICS:
        if isinstance(metric, HistogramMetric):
            yield f"| `{metric.name}` | {', '.join(f'{bound:g}' for bound in metric.buckets)} |"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.meaning} | {metric.why} |"


if __name__ == "__main__":
    main()
