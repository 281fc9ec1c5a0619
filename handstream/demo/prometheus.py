"""A Prometheus that is on this machine, beside the stack, with the rules of the project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from producers.monitoring import PORTS_TRIED
from stream_app.process_group import ProcessGroup

# In a checkout. An installed package has none, and Prometheus goes without.
RULES_DIR = Path(__file__).resolve().parents[2] / "prometheus" / "rules"
SCRAPE_INTERVAL = "5s"
GATEWAY_JOB = "handstream-gateway"


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
    """Where the processes of one stack serve their metrics.

    host: of all but the gateway, which has its own, as host:port. gateway_token: that it asks for.
    """

    host: str
    worker_ports: Sequence[int]
    gateway: str
    gateway_token: str | None = None
    monitor_port: int
    first_producer_port: int

    def jobs(self) -> Mapping[str, Sequence[str]]:
        last = min(self.first_producer_port + PORTS_TRIED, 65535)
        # Producers take the next port that is free, as they come and go.
        producer_ports = range(self.first_producer_port, last + 1) if self.first_producer_port else ()
        return {
            "handstream-worker": self._addresses(self.worker_ports),
            GATEWAY_JOB: [self.gateway],
            "handstream-monitor": self._addresses([self.monitor_port]),
            "handstream-producer": self._addresses(producer_ports),
        }

    def _addresses(self, ports: Iterable[int]) -> list[str]:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return [f"{host}:{port}" for port in ports]


def start_prometheus(
    group: ProcessGroup, environment: Mapping[str, str], *, program: str, targets: Targets, port: int, folder: Path
) -> None:
    """folder: for its configuration and its data, which stay there."""
    configuration = write_configuration(targets, port=port, folder=folder)
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


def write_configuration(targets: Targets, *, port: int, folder: Path) -> Path:
    """The file, with the gateway's token in another beside it that nobody else can read."""
    folder.mkdir(parents=True, exist_ok=True)
    token_file = folder.resolve() / "gateway-token"
    token_file.unlink(missing_ok=True)
    jobs = {**targets.jobs(), "prometheus": [f"127.0.0.1:{port}"]}
    scraped: dict[str, dict[str, Any]] = {
        name: {"job_name": name, "static_configs": [{"targets": list(addresses)}]} for name, addresses in jobs.items()
    }
    if targets.gateway_token is not None:
        token_file.touch(mode=0o600)
        token_file.write_text(targets.gateway_token)
        scraped[GATEWAY_JOB]["authorization"] = {"credentials_file": str(token_file)}
    configuration = folder / "prometheus.json"
    whole = {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": "15s"},
        "rule_files": [str(RULES_DIR / "*.yml")],
        "scrape_configs": list(scraped.values()),
    }
    # JSON is YAML too.
    configuration.write_text(json.dumps(whole, indent=2))
    return configuration
