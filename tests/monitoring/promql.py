"""PromQL in dashboards and rules, as far as tests must look into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DASHBOARDS = Path(__file__).parents[2] / "grafana" / "dashboards"
# What Grafana puts in place of its variables, with all chosen and a scrape every five seconds.
_VARIABLES = {"$__rate_interval": "20s", "$camera": ".*", "$group": ".*", "$instance": ".*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """asked: where on the dashboard. written: PromQL with Grafana's variables."""

    dashboard: str
    asked: str
    written: str

    @property
    def expr(self) -> str:
        """As Prometheus is asked it."""
        return resolved(self.written)

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.asked}: {self.expr}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery(Query):
    legend: str
    unit: str


def panel_queries() -> list[PanelQuery]:
    """Those of all panels of all committed dashboards."""
    return [query for name, board in dashboards().items() for query in _of_panels(name, board)]


def queries() -> list[Query]:
    """The same, and those of annotations and variables."""
    others = [query for name, board in dashboards().items() for query in _of_frame(name, board)]
    return [*panel_queries(), *others]


def dashboards() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def _of_panels(name: str, board: Any) -> Iterator[PanelQuery]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            options = panel["options"]
            unit = panel["fieldConfig"]["defaults"].get("unit") or options.get("yAxis", {}).get("unit", "")
            yield PanelQuery(
                dashboard=name,
                asked=panel["title"],
                written=target["expr"],
                legend=target["legendFormat"],
                unit=unit,
            )


def _of_frame(name: str, board: Any) -> Iterator[Query]:
    for annotation in board["annotations"]["list"]:
        yield Query(dashboard=name, asked=f"annotation {annotation['name']}", written=annotation["expr"])
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
            assert found, variable["query"]
            # Grafana asks for the values of a label, which are there where this is.
            written = f"count by ({found[2]}) ({found[1]})"
            yield Query(dashboard=name, asked=f"variable {variable['name']}", written=written)


def resolved(expr: str) -> str:
    for name, value in _VARIABLES.items():
        expr = expr.replace(name, value)
    if "$" in expr:
        raise AssertionError(f"an unknown variable is left in {expr}")
    return expr


def selectors(expr: str) -> list[tuple[str, str]]:
    """Each metric of ours, of Kafka and of a process, with what stands in its braces."""
    return re.findall(r"\b((?:handstream|kafka|process)_[a-z0-9_]+)(?:\{([^}]*)\})?", expr)


def metric_names(expr: str) -> set[str]:
    """The metrics of ours and of Kafka that an expression names."""
    return {name for name, _ in selectors(expr)}
