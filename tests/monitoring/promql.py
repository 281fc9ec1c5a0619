"""PromQL in dashboards and rules, as far as tests must look into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DASHBOARDS = Path(__file__).parents[2] / "grafana" / "dashboards"
# What Grafana puts in place of its variables, with all chosen and a scrape every five seconds.
_VARIABLES = {"$__rate_interval": "20s", "$camera": ".*", "$group": ".*", "$instance": ".*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuery:
    dashboard: str
    panel: str
    expr: str
    legend: str
    unit: str

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.panel}: {self.expr}"


def panel_queries() -> list[PanelQuery]:
    """All queries of all committed dashboards, as Prometheus is asked them."""
    return [query for path in sorted(DASHBOARDS.glob("*.json")) for query in _queries(path)]


def _queries(path: Path) -> Iterator[PanelQuery]:
    for panel in json.loads(path.read_text())["panels"]:
        for target in panel.get("targets", ()):
            options = panel["options"]
            unit = panel["fieldConfig"]["defaults"].get("unit") or options.get("yAxis", {}).get("unit", "")
            yield PanelQuery(
                dashboard=path.stem,
                panel=panel["title"],
                expr=resolved(target["expr"]),
                legend=target["legendFormat"],
                unit=unit,
            )


def resolved(expr: str) -> str:
    for name, value in _VARIABLES.items():
        expr = expr.replace(name, value)
    if "$" in expr:
        raise AssertionError(f"an unknown variable is left in {expr}")
    return expr


def metric_names(expr: str) -> set[str]:
    """The metrics of ours and of Kafka that an expression names."""
    return set(re.findall(r"\b(?:handstream|kafka|process)_[a-z0-9_]+", expr))
