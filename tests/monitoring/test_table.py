"""The table of metrics, its page, and what the running processes really expose."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from broker.embedded.ports import free_port
from monitoring.metric import CounterMetric, HistogramMetric, Process
from monitoring.table import METRICS
from settings import Settings
from supervision.children import ChildProcesses
from tests.environment import plain_environment
from tests.monitoring.promql import metric_names, queries
from tests.stream_app.worker_process import environment
from tools.metrics_docs import DOCUMENT, document

UNITS = ("_seconds", "_bytes", "_ratio")
PROCESS_SECONDS = 90.0


def test_the_page_is_the_one_that_the_table_gives() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make docs`"


def test_names_follow_the_conventions_of_prometheus() -> None:
    names = [metric.name for metric in METRICS]

    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"(handstream|kafka|process)_[a-z0-9_]+", metric.name)
        assert metric.name.endswith("_total") == isinstance(metric, CounterMetric), metric.name
        assert metric.meaning, metric.name
        assert metric.why, metric.name
        assert metric.processes, metric.name


def test_buckets_fit_the_quantity() -> None:
    for metric in METRICS:
        if isinstance(metric, HistogramMetric):
            assert list(metric.buckets) == sorted(set(metric.buckets))
            if metric.unit == "seconds":
                assert metric.buckets[0] <= 0.001
                assert metric.buckets[-1] >= 10
            if metric.unit == "ratio":
                assert metric.buckets[-1] == 1


def test_dashboards_ask_for_nothing_that_is_not_measured() -> None:
    known = {series for metric in METRICS for series in metric.series()}

    for query in queries():
        assert metric_names(query.expr) <= known, query


@pytest.mark.broker
def test_running_processes_expose_exactly_the_table(settings: Settings, tmp_path: Path) -> None:
    ports = {process: free_port() for process in Process}
    variables = {
        Process.WORKER: "METRICS_PORT",
        Process.PRODUCER: "PRODUCER_METRICS_PORT",
        Process.GATEWAY: "GATEWAY_PORT",
        Process.MONITOR: "MONITOR_PORT",
    }
    commands = {
        Process.WORKER: ("stream_app",),
        Process.PRODUCER: ("handstream.cli", "produce", "synthetic", "--camera", "desk", "--fps", "5"),
        Process.GATEWAY: ("handstream.cli", "gateway"),
        Process.MONITOR: ("handstream.cli", "monitor"),
    }
    more = {f"HANDSTREAM_{name}": str(ports[process]) for process, name in variables.items()}
    with ChildProcesses(log_dir=tmp_path) as group:
        for process, command in commands.items():
            group.start(process, *command, environment={**plain_environment(), **environment(settings, **more)})
        _wait(group, lambda: _has_prediction(ports) and _lag_is_known(ports), "a prediction")
        # The gateway counts a request once it is answered.
        _scrape(ports[Process.GATEWAY])

        for process, port in ports.items():
            expected = {one.name: one for one in METRICS if process in one.processes}
            families = text_string_to_metric_families(_scrape(port))
            found = {family.name: family for family in families}
            names = {f"{name}_total" if family.type == "counter" else name for name, family in found.items()}
            assert names == set(expected), process
            for name, family in found.items():
                metric = expected[f"{name}_total" if family.type == "counter" else name]
                assert family.type == metric.kind
                for sample in family.samples:
                    assert set(sample.labels) - {"le"} == set(metric.labels), sample

        worker = f"http://127.0.0.1:{ports[Process.WORKER]}/metrics"
        answer = requests.get(worker, headers={"Accept": "application/openmetrics-text; version=1.0.0"}, timeout=10)
        families = parse_openmetrics(answer.text)  # type: ignore[no-untyped-call]
        latency = next(one for one in families if one.name == "handstream_end_to_end_seconds")
        exemplars = [sample.exemplar for sample in latency.samples if sample.exemplar]
        assert exemplars[0].labels["frame"].startswith(f"{settings.topic_prefix}frames/")


def _has_prediction(ports: dict[Process, int]) -> bool:
    return re.search(r'status="ok"\} [1-9]', _scrape(ports[Process.WORKER])) is not None


def _lag_is_known(ports: dict[Process, int]) -> bool:
    return "kafka_consumergroup_lag_seconds{" in _scrape(ports[Process.MONITOR])


def _scrape(port: int) -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    except requests.ConnectionError:
        return ""


def _wait(group: ChildProcesses, condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PROCESS_SECONDS
    while not condition():
        ended = group.ended()
        assert ended is None, f"{ended}: {group.path(ended.name, 'log').read_text()}"
        assert time.monotonic() < deadline, f"waited in vain for {what}: {list(_logs(group))}"
        time.sleep(0.2)


def _logs(group: ChildProcesses) -> Iterator[str]:
    for process in Process:
        yield group.path(process, "log").read_text()[-500:]
