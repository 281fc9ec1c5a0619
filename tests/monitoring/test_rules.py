"""The configuration of Prometheus: what it scrapes, its recording rules and its alerts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitoring import table
from monitoring.metric import CounterMetric, GaugeMetric, HistogramMetric
from tests.monitoring.prometheus_program import prometheus_program
from tests.test_docs import anchors

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
UNIT_TESTS = sorted((ROOT / "prometheus" / "tests").glob("*.yml"))
PROMETHEUS_ITS_OWN = {"up"}
_BRACES = re.compile(r"\{[^}]*\}")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"\b[a-z_][a-z0-9_:]*\b(?!\s*\()")
_OPERATORS = {"and", "or", "unless", "bool", "offset"}


@pytest.fixture
def promtool() -> str:
    return prometheus_program("promtool")


def rules() -> Iterator[dict[str, Any]]:
    for file in RULES:
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def names_in(expression: str) -> set[str]:
    """Names of the metrics in an expression."""
    bare = expression
    for ignored in (_BRACES, _BRACKETS, _GROUPING):
        bare = ignored.sub(" ", bare)
    return set(_NAME.findall(bare)) - _OPERATORS


def known_names() -> set[str]:
    names: set[str] = set()
    for metric in vars(table).values():
        if isinstance(metric, HistogramMetric):
            names |= {f"{metric.name}_{suffix}" for suffix in ("bucket", "count", "sum")}
        elif isinstance(metric, CounterMetric | GaugeMetric):
            names.add(metric.name)
    return names


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_and_the_rules(promtool: str) -> None:
    run(promtool, "check", "config", ROOT / "prometheus.yml")
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_not_for_a_restart(promtool: str, file: Path) -> None:
    run(promtool, "test", "rules", file)


def test_rules_use_metrics_that_there_are() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = {name for rule in rules() for name in names_in(rule["expr"])}
    assert used - recorded - PROMETHEUS_ITS_OWN <= known_names()
    assert len(used) > 20


def test_names_are_found_in_an_expression() -> None:
    expression = (
        'sum by (le, job) (rate(a_bucket{le="1.0"}[5m])) > bool 2 and on (x) b:c:d unless max(e_total offset 1h)'
    )
    assert names_in(expression) >= {"a_bucket", "b:c:d", "e_total"}
    assert names_in(expression).isdisjoint({"le", "job", "x", "sum", "rate", "max", "and", "on"})


def test_the_objective_lies_on_a_bound_of_a_bucket() -> None:
    bounds = {bound for rule in rules() for bound in re.findall(r'le="([\d.]+)"', rule["expr"])}
    assert bounds == {"1.0"}
    assert 1.0 in table.END_TO_END_SECONDS.buckets


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_where_the_way_out_stands(rule: dict[str, Any]) -> None:
    assert rule["alert"].startswith("Handstream")
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["for"]
    annotations = rule["annotations"]
    assert annotations["summary"]
    assert annotations["description"].endswith(".")
    page, _, anchor = annotations["runbook_url"].partition("#")
    assert anchor in anchors(ROOT / page)


def test_every_alert_has_a_unit_test() -> None:
    tested = "".join(file.read_text(encoding="utf-8") for file in UNIT_TESTS)
    assert {rule["alert"] for rule in alerts() if rule["alert"] not in tested} == set()
