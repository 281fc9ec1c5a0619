from __future__ import annotations

from pathlib import Path

import pytest

from settings import Settings, load_settings
from tests.kafka_choice import choose_kafka


@pytest.mark.parametrize(
    ("named", "docker", "chosen"),
    [
        (True, True, "external"),
        (True, False, "external"),
        (False, True, "testcontainers"),
        (False, False, "embedded"),
    ],
)
def test_the_order_of_choice(
    named: bool, docker: bool, chosen: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANDSTREAM_BROKER", raising=False)
    if named:
        monkeypatch.setenv("HANDSTREAM_BROKER", "kafka.example:9092")
    choice = choose_kafka(load_settings(), docker_answers=lambda: docker)
    assert choice.description.startswith(chosen)


def test_an_external_broker_is_used_as_it_is_named() -> None:
    settings = Settings.model_validate({"broker": "kafka.example:9092"})
    with choose_kafka(settings, docker_answers=lambda: False).start() as reached:
        assert reached is settings
