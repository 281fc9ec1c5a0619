"""A Prometheus that is on this machine, beside the stack, with the rules of the project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from producers.monitoring import PORTS_TRIED
from stream_app.process_group import ProcessGroup

# In a checkout. An installed package has none, and Prometheus goes without.
RULES_DIR = Path(__file__).resolve().parents[2] / "prometheus" / "rules"
SCRAPE_INTERVAL = "5s"


class PrometheusMissing(Exception):
    """There is no `prometheus` in PATH."""


def find_prometheus() -> str:
    """Path of the program. Raises PrometheusMissing."""
    found = shutil.which("prometheus")
    if found is None:
        raise PrometheusMissing(
            "--prometheus needs the program `prometheus` in PATH: Debian and Ubuntu have it as the package prometheus, "
            "prometheus.io has it for other systems; or run `docker compose up`, which brings one"
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where the processes of one stack serve their metrics, as host:port."""

    workers: Sequence[str]
    gateway: str
    monitor: str
    first_producer_port: int

    def jobs(self) -> Mapping[str, Sequence[str]]:
        last = min(self.first_producer_port + PORTS_TRIED, 65535)
        # Producers take the next port that is free, as they come and go.
        producers = [f"127.0.0.1:{port}" for port in range(self.first_producer_port, last + 1)]
        return {
            "handstream-worker": self.workers,
            "handstream-gateway": [self.gateway],
            "handstream-monitor": [self.monitor],
            "handstream-producer": producers if self.first_producer_port else [],
        }


def start_prometheus(
    group: ProcessGroup, environment: Mapping[str, str], *, program: str, targets: Targets, port: int, folder: Path
) -> None:
    """folder: for its configuration and its data, which stay there."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "prometheus.json"
    # JSON is YAML too.
    configuration.write_text(json.dumps(_configuration(targets, port=port), indent=2))
    group.start(
        "prometheus",
        "stream_app.program",
        program,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        environment=environment,
    )


def _configuration(targets: Targets, *, port: int) -> dict[str, Any]:
    jobs = {**targets.jobs(), "prometheus": [f"127.0.0.1:{port}"]}
    return {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": "15s"},
        "rule_files": [str(RULES_DIR / "*.yml")],
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": list(addresses)}]} for name, addresses in jobs.items()
        ],
    }
