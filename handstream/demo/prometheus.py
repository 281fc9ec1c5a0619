"""A Prometheus that is on this machine, beside the stack, with the rules of the project."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from handstream.demo.running_broker import gateway_address
from producers.monitoring import PORTS_TRIED
from settings import Settings
from supervision.children import ChildProcesses

# In a checkout. An installed package has none, and Prometheus goes without.
RULES_DIR = Path(__file__).resolve().parents[2] / "prometheus" / "rules"
SCRAPE_INTERVAL = "5s"
LOOK_SECONDS = 5.0
PROBE_TIMEOUT_SECONDS = 1.0
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


class PrometheusTargets:
    """Keeps the files from which Prometheus reads what to scrape: what runs, and nothing that does not exist.

    ports: of the children that serve metrics, by their names. Producers are started by whoever likes; they are looked
    for at the ports that they take. A worker, monitor or gateway that is gone stays a target, so that it is missed.
    """

    def __init__(self, settings: Settings, *, folder: Path, ports: Callable[[], Mapping[str, int]]) -> None:
        self._settings = settings
        self._folder = folder.resolve()
        self._ports = ports
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prometheus-targets", daemon=True)

    def start(self) -> None:
        self.write()
        self._thread.start()

    def close(self) -> None:
        self._stop.set()

    def file(self, job: str) -> Path:
        return self._folder / f"{job}.targets.json"

    def write(self) -> None:
        """Write what there is now."""
        for job, addresses in self.jobs().items():
            content = json.dumps([{"targets": list(addresses)}])
            if not self.file(job).exists() or self.file(job).read_text() != content:
                temporary = self.file(job).with_suffix(".new")
                temporary.write_text(content)
                temporary.replace(self.file(job))

    def jobs(self) -> Mapping[str, Sequence[str]]:
        ports = self._ports()
        host = self._settings.metrics_host
        address = f"[{host}]" if ":" in host else host
        gateway = urlsplit(gateway_address(self._settings, port=ports.get("gateway", 0))).netloc
        return {
            "handstream-worker": [f"{address}:{port}" for name, port in ports.items() if name.startswith("worker-")],
            GATEWAY_JOB: [gateway] if "gateway" in ports else [],
            "handstream-monitor": [f"{address}:{ports['monitor']}"] if "monitor" in ports else [],
            "handstream-producer": [f"{address}:{port}" for port in self._producer_ports()],
        }

    def _producer_ports(self) -> list[int]:
        first = self._settings.producer_metrics_port
        ports = range(first, min(first + PORTS_TRIED, 65535) + 1) if first else ()
        return [port for port in ports if _is_producer(self._settings.metrics_host, port)]

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.write()


def _is_producer(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=PROBE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/metrics")
        return b"handstream_producer_" in connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def start_prometheus(
    children: ChildProcesses,
    environment: Mapping[str, str],
    *,
    program: str,
    targets: PrometheusTargets,
    gateway_token: str | None,
    port: int,
    folder: Path,
) -> None:
    """gateway_token: that the gateway asks for. folder: for its configuration and its data, which stay there."""
    configuration = write_configuration(targets, gateway_token=gateway_token, port=port, folder=folder)
    children.start_program(
        "prometheus",
        program,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        environment=environment,
    )


def write_configuration(targets: PrometheusTargets, *, gateway_token: str | None, port: int, folder: Path) -> Path:
    """The file, with the gateway's token in another beside it that nobody else can read."""
    folder.mkdir(parents=True, exist_ok=True)
    token_file = folder.resolve() / "gateway-token"
    token_file.unlink(missing_ok=True)
    scraped: dict[str, dict[str, Any]] = {
        job: {"job_name": job, "file_sd_configs": [{"files": [str(targets.file(job))], "refresh_interval": "5s"}]}
        for job in targets.jobs()
    }
    scraped["prometheus"] = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    if gateway_token is not None:
        token_file.touch(mode=0o600)
        token_file.write_text(gateway_token)
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
