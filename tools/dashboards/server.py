"""The dashboard *Server*: what the processes use, and what the API is asked."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from tools.dashboards.frame import INSTANCE, dashboard
from tools.dashboards.panels import (
    BYTES,
    CORES,
    COUNT,
    RATIO,
    REQUESTS_PER_SECOND,
    SECONDS,
    Query,
    Steps,
    figure,
    heat,
    lines,
    rows,
)

OURS = f'job=~"handstream-.*",{INSTANCE}'
REQUESTS = f"handstream_gateway_requests_total{{{INSTANCE}}}"
FAILURES = f'handstream_gateway_requests_total{{code=~"5..",{INSTANCE}}}'
REQUEST_SECONDS = "handstream_gateway_request_seconds"
VIEWERS = f"handstream_gateway_viewers{{{INSTANCE}}}"
LEGEND = "{{job}} {{instance}}"


def server() -> Dashboard:
    board = dashboard("Server", uid="handstream-server", about="CPU and memory of each process; requests and latency.")
    _overview(board)
    _processes(board)
    _requests(board)
    return board


def _overview(board: Dashboard) -> None:
    board.with_row(Row("At a glance"))
    board.with_panel(
        figure(
            "CPU",
            Query(expr=f"sum(rate(process_cpu_seconds_total{{{OURS}}}[$__rate_interval]))", legend="cores"),
            unit=CORES,
            about="Cores that all processes of ours use together.",
            decimals=2,
        )
    )
    board.with_panel(
        figure(
            "Memory",
            Query(expr=f"sum(process_resident_memory_bytes{{{OURS}}})", legend="resident"),
            unit=BYTES,
            about="Resident memory of all processes of ours.",
        )
    )
    board.with_panel(
        figure(
            "Processes",
            Query(expr=f"count(process_start_time_seconds{{{OURS}}})", legend="processes"),
            unit=COUNT,
            about="That tell Prometheus of themselves.",
            decimals=0,
        )
    )
    board.with_panel(
        figure(
            "Requests",
            Query(expr=f"sum(rate({REQUESTS}[$__rate_interval]))", legend="requests"),
            unit=REQUESTS_PER_SECOND,
            about="HTTP requests to the gateway.",
        )
    )
    board.with_panel(
        figure(
            "Failures",
            Query(
                expr=f"(sum(rate({FAILURES}[5m])) or vector(0)) / sum(rate({REQUESTS}[5m]))",
                legend="5xx",
            ),
            unit=RATIO,
            about="Share of the requests that we failed to answer.",
            steps=Steps(warning=0.001, critical=0.01),
        )
    )
    board.with_panel(
        figure(
            "Viewers",
            Query(expr=f"sum({VIEWERS})", legend="viewers"),
            unit=COUNT,
            about="Of the live page, and programs that read the stream.",
            decimals=0,
        )
    )


def _processes(board: Dashboard) -> None:
    board.with_row(Row("Processes"))
    board.with_panel(
        lines(
            "CPU",
            Query(expr=f"rate(process_cpu_seconds_total{{{OURS}}}[$__rate_interval])", legend=LEGEND),
            unit=CORES,
            about="Cores. A worker process at 1 is at its limit: start more, with as many partitions.",
        )
    )
    board.with_panel(
        lines(
            "Resident memory",
            Query(expr=f"process_resident_memory_bytes{{{OURS}}}", legend=LEGEND),
            unit=BYTES,
            about="A line that only rises is a leak.",
        )
    )
    board.with_panel(
        lines(
            "Open files",
            Query(expr=f"process_open_fds{{{OURS}}}", legend=LEGEND),
            unit=COUNT,
            about="Connections count too.",
        )
    )
    board.with_panel(
        rows(
            "Up for",
            Query(expr=f"sort(time() - process_start_time_seconds{{{OURS}}})", legend=LEGEND),
            unit=SECONDS,
            about="One that is always young ends and is started again and again.",
        )
    )


def _requests(board: Dashboard) -> None:
    board.with_row(Row("Requests"))
    board.with_panel(
        lines(
            "Requests by endpoint",
            Query(
                expr=f"sum by (method, endpoint) (rate({REQUESTS}[$__rate_interval]))",
                legend="{{method}} {{endpoint}}",
            ),
            unit=REQUESTS_PER_SECOND,
            about="Answered ones.",
        )
    )
    board.with_panel(
        lines(
            "Mean latency by endpoint",
            Query(
                expr=f"sum by (endpoint) (rate({REQUEST_SECONDS}_sum{{{INSTANCE}}}[$__rate_interval]))"
                f" / sum by (endpoint) (rate({REQUEST_SECONDS}_count{{{INSTANCE}}}[$__rate_interval]))",
                legend="{{endpoint}}",
            ),
            unit=SECONDS,
            about="Until the answer began.",
        )
    )
    board.with_panel(
        heat(
            "Latency",
            f"{REQUEST_SECONDS}{{{INSTANCE}}}",
            unit=SECONDS,
            about="Of all requests.",
        )
    )
    board.with_panel(
        lines(
            "Answers by code",
            Query(expr=f"sum by (code) (rate({REQUESTS}[$__rate_interval]))", legend="{{code}}"),
            unit=REQUESTS_PER_SECOND,
            about="429: uploads come faster than they are recognised. 5xx: we fail.",
            stacked=True,
        )
    )
    board.with_panel(
        lines(
            "Viewers and cameras",
            Query(expr=f"sum by (kind) ({VIEWERS})", legend="viewers, {{kind}}"),
            Query(expr=f"sum(handstream_gateway_cameras{{{INSTANCE}}})", legend="browsers as cameras"),
            unit=COUNT,
            about="Just now.",
        )
    )
