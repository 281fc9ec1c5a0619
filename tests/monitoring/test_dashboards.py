"""The dashboards: made by their code, and every query answered by a real Prometheus."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import yaml

from broker.embedded.ports import free_port
from monitoring.metric import Process
from monitoring.table import METRICS
from settings import Settings
from tests.monitoring.prometheus_program import prometheus_program
from tests.monitoring.promql import DASHBOARDS, Query, dashboards, panel_queries, queries, selectors
from tools.dashboards.files import documents

ROOT = DASHBOARDS.parents[1]
STACK_SECONDS = 90.0


def test_the_committed_files_are_what_the_code_makes() -> None:
    committed = {path.name: path.read_text() for path in DASHBOARDS.glob("*.json")}

    assert committed == documents(), "run `make docs`"


def test_every_panel_says_what_it_shows() -> None:
    for path in DASHBOARDS.glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            assert panel["type"] == "row" or panel["description"], panel["title"]
    for query in panel_queries():
        assert query.unit, query
        assert query.legend, query


def test_names_within_a_dashboard_are_not_taken_twice() -> None:
    documents_by_uid = {json.loads(path.read_text())["uid"] for path in DASHBOARDS.glob("*.json")}

    assert documents_by_uid == {"handstream-stream", "handstream-model", "handstream-server"}


def test_a_dashboard_has_the_variables_that_its_panels_use() -> None:
    shown = {
        name: [variable["name"] for variable in board["templating"]["list"]] for name, board in dashboards().items()
    }

    assert shown == {
        "stream": ["datasource", "camera", "group", "instance"],
        "model-and-data": ["datasource", "instance"],
        "server": ["datasource", "instance"],
    }
    for name, variables in shown.items():
        written = " ".join(query.written for query in panel_queries() if query.dashboard == name)
        assert all(f"${variable}" in written for variable in variables if variable != "datasource"), name


def test_what_is_chosen_counts_in_every_query_whose_metric_has_the_label() -> None:
    metrics = {series: metric for metric in METRICS for series in metric.series()}
    for query in queries():
        if query.asked.startswith("variable "):
            continue
        for name, chosen in selectors(query.written):
            metric = metrics[name]
            # What the monitor tells is of Kafka and not of the process that asked it.
            assert ('instance=~"$instance"' in chosen) == (metric.processes != (Process.MONITOR,)), query
            assert ('camera=~"$camera"' in chosen) == ("camera" in metric.labels), query
            assert ('consumergroup=~"$group"' in chosen) == ("consumergroup" in metric.labels), query


def test_the_provisioned_source_is_the_one_that_compose_starts() -> None:
    provisioned = yaml.safe_load((ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    assert provisioned["datasources"][0]["url"] == "http://prometheus:9090"
    assert "prometheus" in services


def test_every_query_is_promql(tmp_path: Path) -> None:
    promtool = prometheus_program("promtool")
    rules = [{"record": f"query:{number}", "expr": one.expr} for number, one in enumerate(queries())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))

    checked = subprocess.run(
        [promtool, "check", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
    )

    assert checked.returncode == 0, checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout


@pytest.mark.broker
@pytest.mark.long
@pytest.mark.timeout(300)
def test_every_query_has_an_answer_while_the_demo_runs(settings: Settings, tmp_path: Path) -> None:
    prometheus_program("prometheus")
    prometheus = free_port()
    log = (tmp_path / "demo.log").open("wb")
    demo = subprocess.Popen(
        [sys.executable, "-m", "handstream.cli", "demo", "--cameras", "2", "--fps", "8", "--prometheus"],
        env={
            **os.environ,
            "HANDSTREAM_BROKER": settings.broker,
            "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
            "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
            "HANDSTREAM_PARTITIONS": str(settings.partitions),
            "HANDSTREAM_PROMETHEUS_PORT": str(prometheus),
            "TMPDIR": str(tmp_path),
        },
        stdout=log,
        stderr=log,
    )
    try:
        empty = queries()
        deadline = time.monotonic() + STACK_SECONDS
        while empty and time.monotonic() < deadline:
            assert demo.poll() is None, (tmp_path / "demo.log").read_text()
            time.sleep(2)
            empty = [query for query in empty if not _has_data(prometheus, query)]
        assert [str(query) for query in empty] == []
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(60)
        log.close()


def _has_data(port: int, query: Query) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/api/v1/query", params={"query": query.expr}, timeout=5)
    except requests.ConnectionError:
        return False
    if answer.status_code == requests.codes.unavailable:  # Prometheus listens and has not opened its data yet
        return False
    assert answer.ok, f"{query}: {answer.text}"
    results = answer.json()["data"]["result"]
    # A quotient of nothing by nothing is no figure.
    return any(sample["value"][1] != "NaN" for sample in results)
