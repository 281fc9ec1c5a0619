"""Kafka's own `kafka-consumer-groups`, as it comes with the release."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from broker.embedded.assets import ensure_jars, ensure_kafka
from broker.embedded.java import find_java, java_command
from broker.embedded.lock import KAFKA_VERSION, locked_jars
from settings import Settings, load_settings

LOCK_FILE = Path(__file__).with_name("kafka_tools.lock.toml")
MAIN_CLASS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """One partition in the tool's words; None where it prints "-"."""

    committed: int | None
    end: int
    lag: int | None


def described(settings: Settings, *, group: str) -> dict[tuple[str, int], ToolRow]:
    """By topic and partition."""
    rows = {}
    for words in map(str.split, _run(settings, "--describe", "--group", group, "--offsets").splitlines()):
        if words[:1] == [group]:
            _, topic, partition, committed, end, lag, *_ = words
            rows[topic, int(partition)] = ToolRow(committed=_number(committed), end=int(end), lag=_number(lag))
    return rows


def state(settings: Settings, *, group: str) -> tuple[str, int]:
    """State and number of members."""
    for words in map(str.split, _run(settings, "--describe", "--group", group, "--state").splitlines()):
        if words[:1] == [group]:
            return words[-2], int(words[-1])
    raise AssertionError(f"the tool does not know the group {group!r}")


def _run(settings: Settings, *arguments: str) -> str:
    cache_dir = load_settings().cache_dir
    jars = ensure_kafka(cache_dir=cache_dir, progress=False)
    jars += ensure_jars(locked_jars(LOCK_FILE), directory=cache_dir / f"kafka-tools-{KAFKA_VERSION}", progress=False)
    command = java_command(
        java=find_java(),
        jars=jars,
        main_class=MAIN_CLASS,
        arguments=["--bootstrap-server", settings.broker, *arguments],
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)
