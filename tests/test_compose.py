"""What docker-compose.yml and the Dockerfile promise, read from the files; the run itself needs a Docker engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.embedded.lock import KAFKA_VERSION
from settings import Settings

ROOT = Path(__file__).parent.parent
OURS = ("topics", "worker", "gateway", "monitor", "camera", "mlflow")
PROFILES = ((), ("demo",), ("training",), ("demo", "training"))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_all_services_are_there(services: dict[str, Any]) -> None:
    assert set(services) == {*OURS, "kafka", "prometheus", "grafana"}
    assert services["camera"]["profiles"] == ["demo"]
    assert services["mlflow"]["profiles"] == ["training"]


def test_each_service_has_its_limits_and_its_checks(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert service["restart"] == ("no" if name == "topics" else "unless-stopped"), name
        # Ours have the check of the image, at an address of their own where they are no worker.
        if name not in ("topics", "worker", "kafka", "prometheus", "grafana"):
            assert service["environment"]["HANDSTREAM_HEALTH_URL"], name
        elif name not in ("topics", "worker"):
            assert service["healthcheck"]["test"], name


def test_whoever_needs_the_topics_waits_for_them(services: dict[str, Any]) -> None:
    assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"
    for name in ("worker", "gateway", "monitor"):
        assert services[name]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert services["camera"]["depends_on"]["worker"]["condition"] == "service_healthy"


def test_our_containers_have_no_privilege_and_write_nowhere(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
    instructions = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 10001", instructions, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", instructions, re.MULTILINE)


def test_ports_are_on_loopback_unless_said_otherwise(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]

    assert len(ports) == 5
    assert all(port.startswith("${BIND:-127.0.0.1}:") for port in ports)


def test_images_are_pinned_and_name_no_registry(services: dict[str, Any]) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert "." not in image, name
        assert tag, name
        assert "latest" not in tag, name
    assert services["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"
    base = re.search(r"^ARG PYTHON_IMAGE=(python:\d+\.\d+\.\d+-.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    assert f"PYTHON_IMAGE:-{base[1]}" in services["worker"]["build"]["args"]["PYTHON_IMAGE"]


def test_every_file_that_is_mounted_is_there(services: dict[str, Any]) -> None:
    mounts = [volume for service in services.values() for volume in service.get("volumes", ())]
    sources = [mount.partition(":")[0] for mount in mounts if mount.startswith("./")]

    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source


def test_the_settings_that_it_names_exist(services: dict[str, Any]) -> None:
    known = {f"HANDSTREAM_{name.upper()}" for name in Settings.model_fields} | {"HANDSTREAM_HEALTH_URL"}
    for name in OURS:
        named = {variable for variable in services[name]["environment"] if not variable.startswith("MLFLOW_")}
        assert named <= known, name


def test_a_record_that_the_settings_allow_is_one_that_the_broker_takes(services: dict[str, Any]) -> None:
    taken = int(services["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"])

    assert taken >= Settings.model_fields["max_message_bytes"].default + 2 * 64 * 1024


@pytest.mark.parametrize("profiles", PROFILES)
def test_compose_takes_the_file_with_every_profile(profiles: tuple[str, ...]) -> None:
    command = _compose_command()
    if command is None:
        pytest.skip("needs Docker Compose 2: `docker compose` (package docker-compose-plugin) or docker-compose")
    options = [option for profile in profiles for option in ("--profile", profile)]

    checked = subprocess.run(
        [*command, *options, "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert checked.returncode == 0, checked.stderr


def _compose_command() -> list[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, "version"], capture_output=True, timeout=30, check=False).returncode == 0:
            return command
    return None
