"""server.properties of the one node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broker.topics import RECORD_OVERHEAD_BYTES
from settings import Settings

HOST = "127.0.0.1"


def server_properties(
    *, settings: Settings, port: int, controller_port: int, log_dir: str, extra: Mapping[str, str]
) -> dict[str, str]:
    """Settings of a node that listens on the loopback address alone. `extra` goes over them.

    log_dir: relative to the directory that the node is started in, since `log.dirs` is a list and splits at commas.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"CLIENT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"CLIENT://{HOST}:{port}",
        "inter.broker.listener.name": "CLIENT",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": log_dir,
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(settings.max_message_bytes + RECORD_OVERHEAD_BYTES),
        "replica.fetch.max.bytes": str(settings.max_message_bytes + RECORD_OVERHEAD_BYTES),
        # There is one node, and few groups: fewer partitions of its own make the first consumer start sooner.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "4",
        "group.initial.rebalance.delay.ms": "0",
        # Retention removes whole segments, so frames kept for minutes need segments of minutes.
        "log.segment.bytes": str(128 * 1024 * 1024),
        "log.roll.ms": str(10 * 60 * 1000),
        "log.retention.check.interval.ms": "60000",
        "log.segment.delete.delay.ms": "10000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        **extra,
    }


def write_properties(path: Path, properties: Mapping[str, str]) -> None:
    path.touch(mode=0o600)
    # java.util.Properties takes a backslash as an escape.
    lines = (f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in properties.items())
    path.write_text("".join(lines), encoding="latin-1", errors="backslashreplace")
