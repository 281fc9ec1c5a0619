"""Creating the topics, explicitly: partitions, retention and record size are ours to say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
)

from broker.clients import kafka_python_options
from broker.diagnosis import why_no_answer
from events.topics import TopicNames
from settings import Settings

ADMIN_TIMEOUT_MS = 10_000
# Enough for a broker that is just starting on a slow machine, short enough for a person who mistyped the address.
BOOTSTRAP_TIMEOUT_MS = 5_000


class BrokerError(Exception):
    """Kafka cannot be used as it is: one clear line with the way out."""


class BrokerUnavailable(BrokerError):
    """No broker answers at the address."""


class BrokerRefusesClient(BrokerUnavailable):
    """A broker is there and refuses this client: its protocol, certificate or login. Waiting does not mend that."""


class TopicMismatch(BrokerError):
    """A topic exists with other partitions than the settings ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A topic as it must be. retention_ms: milliseconds that a record is kept."""

    name: str
    partitions: int
    replication_factor: int
    retention_ms: int
    max_message_bytes: int
    compression_type: str

    @property
    def configs(self) -> dict[str, str]:
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            "compression.type": self.compression_type,
        }


# Headers and the batch around a frame.
RECORD_OVERHEAD_BYTES = 64 * 1024
ESCAPED_BYTES = 4
MINUTE_MS = 60_000


def topic_specs(settings: Settings) -> tuple[TopicSpec, ...]:
    """All have as many partitions as `frames`: an outcome goes to its frame's partition, which keeps the order."""
    names = TopicNames(settings.topic_prefix)
    retention_ms = {
        names.frames: settings.frames_retention_minutes * MINUTE_MS,
        names.predictions: settings.predictions_retention_hours * 60 * MINUTE_MS,
        names.gestures: settings.gestures_retention_hours * 60 * MINUTE_MS,
        names.dead_letters: settings.dead_letters_retention_days * 24 * 60 * MINUTE_MS,
    }
    frame_bytes = settings.max_message_bytes + RECORD_OVERHEAD_BYTES
    max_message_bytes = {
        names.frames: frame_bytes,
        names.predictions: frame_bytes,
        names.gestures: frame_bytes,
        # A dead letter is a whole frame with more headers, and the broker counts headers too. Where the names of its
        # headers are not UTF-8 they are escaped, which makes four bytes of one.
        names.dead_letters: ESCAPED_BYTES * frame_bytes + RECORD_OVERHEAD_BYTES,
    }
    return tuple(
        TopicSpec(
            name=name,
            partitions=settings.partitions,
            replication_factor=settings.replication_factor,
            retention_ms=retention_ms[name],
            max_message_bytes=max_message_bytes[name],
            # The broker unpacks what comes compressed and looks at its size: 3 kB may hold 3 MB of frame.
            compression_type="producer" if name in (names.predictions, names.gestures) else "uncompressed",
        )
        for name in names.all()
    )


def create_topics(settings: Settings) -> tuple[str, ...]:
    """Create what is missing and return its names. Raises BrokerUnavailable, TopicMismatch or BrokerError."""
    with admin_client(settings) as admin:
        specs = {spec.name: spec for spec in topic_specs(settings)}
        existing = {name: count for name, count in _partition_counts(admin).items() if name in specs}
        for name, count in existing.items():
            if count != specs[name].partitions:
                raise TopicMismatch(
                    f"topic {name!r} has {count} partitions, the settings ask for {specs[name].partitions}: "
                    f"set HANDSTREAM_PARTITIONS={count}, or another HANDSTREAM_TOPIC_PREFIX"
                )
        missing = {
            name: {
                "num_partitions": spec.partitions,
                "replication_factor": spec.replication_factor,
                "configs": spec.configs,
            }
            for name, spec in specs.items()
            if name not in existing
        }
        # Several processes start at once and each may find them missing.
        if missing:
            with suppress(TopicAlreadyExistsError):
                admin.create_topics(missing, timeout_ms=ADMIN_TIMEOUT_MS)
            admin.wait_for_topics(list(specs))
        return tuple(missing)


def check_broker(settings: Settings) -> None:
    """Raise BrokerUnavailable where none answers."""
    with admin_client(settings) as admin:
        _partition_counts(admin)


@contextmanager
def broker_faults(settings: Settings) -> Iterator[None]:
    """Raise the faults of Kafka clients as BrokerError, in one line; first of all that nothing listens."""
    # The clients would try an address where nothing listens again and again.
    if not any(_accepts(server) for server in settings.servers):
        raise BrokerUnavailable(
            f"no Kafka broker answers at {settings.broker}: start one with `handstream broker start`, "
            "or set HANDSTREAM_BROKER to where yours is"
        )
    try:
        yield
    except (KafkaConnectionError, KafkaTimeoutError) as error:
        reason = why_no_answer(settings)
        kind = BrokerUnavailable if reason.heals else BrokerRefusesClient
        raise kind(f"the broker at {settings.broker} {reason.text}") from error
    except KafkaError as error:
        raise BrokerError(f"the broker at {settings.broker} refused: {error}") from error


@contextmanager
def admin_client(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client whose faults come as BrokerError, in one line."""
    with broker_faults(settings):
        admin = KafkaAdminClient(
            **kafka_python_options(settings),
            request_timeout_ms=ADMIN_TIMEOUT_MS,
            bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        )
        try:
            yield admin
        finally:
            admin.close()


def _accepts(server: str) -> bool:
    host, _, port = server.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=BOOTSTRAP_TIMEOUT_MS / 1000):
            return True
    except OSError:
        return False


def _partition_counts(admin: Any) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
