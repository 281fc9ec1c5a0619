"""Which Kafka the tests use: one decision for the session."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.topics import check_broker, create_topics
from settings import Settings, SettingsError, load_settings
from tests.gateway.api_process import api_process
from tests.kafka_choice import KafkaChoice, choose_kafka, docker_engine_answers
from tests.mlflow_server import mlflow_server


def pytest_configure(config: pytest.Config) -> None:
    try:
        config.stash[_CHOICE] = choose_kafka(load_settings(), docker_answers=docker_engine_answers)
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_report_header(config: pytest.Config) -> str:
    return f"kafka: {config.stash[_CHOICE].description}"


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings that reach the session's broker."""
    with request.config.stash[_CHOICE].start() as settings:
        check_broker(settings)
        yield settings


@pytest.fixture
def settings(kafka: Settings, tmp_path: Path) -> Settings:
    """Settings with topics, a consumer group and a data directory of the test's own; the topics are there."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    own = kafka.model_copy(
        update={
            "topic_prefix": f"{name}.",
            "consumer_group": name,
            "partitions": 2,
            "metrics_port": 0,
            "data_dir": tmp_path / "data",
        }
    )
    create_topics(own)
    return own


@pytest.fixture(scope="session")
def mlflow_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the session's MLflow server."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as uri:
        yield uri


@pytest.fixture
def no_mlflow_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may use an MLflow, which is none of theirs."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where tests/test_api.py finds a gateway: API_URL, else one that is started without a broker."""
    named = os.environ.get("API_URL")
    if named:
        yield named
        return
    with api_process(tmp_path_factory.mktemp("gateway")) as address:
        yield address


_CHOICE = pytest.StashKey[KafkaChoice]()
