"""`handstream broker`: the embedded Kafka, and the topics of whichever broker the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from kafka.admin import ConfigResource, ConfigResourceType
from rich.console import Console
from rich.table import Table

from broker.embedded.assets import ensure_kafka
from broker.embedded.errors import AlreadyRunning, EmbeddedBrokerError, StartFailed
from broker.embedded.lock import KAFKA_VERSION
from broker.embedded.node import BrokerStatus, EmbeddedBroker
from broker.topics import BrokerError, TopicSpec, admin_client, create_topics, topic_specs
from settings import SecurityProtocol, Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
MISSING = "missing"
MEBIBYTE = 1024 * 1024

app = typer.Typer(
    help="The broker: Apache Kafka on this machine, without Java, Maven or Docker; and the topics.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)


@app.command()
def start(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0 takes a free one. By default that of HANDSTREAM_BROKER.")
    ] = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay here, and end with Ctrl-C.")] = False,
    ephemeral: Annotated[
        bool, typer.Option("--ephemeral", help="A free port and empty data, removed with Ctrl-C. For tests.")
    ] = False,
) -> None:
    """Start Kafka in the background and create the topics.

    It goes on after the terminal is closed, until `handstream broker stop`; its data stay. When one is running already,
    this says where, and changes nothing.

    Exit codes: 0 it runs; 2 it cannot, with the reason.

    Examples:

        handstream broker start

        handstream broker start --port 19092

        handstream broker start --ephemeral
    """
    with _clear_errors():
        settings = load_settings()
        _check_for_embedded(settings, port=port)
        stays = foreground or ephemeral
        broker = EmbeddedBroker(settings=settings, port=port, ephemeral=ephemeral, detached=not stays)
        try:
            _start(broker, settings)
            if stays:
                typer.echo("Ctrl-C ends it.")
                code = broker.wait()
                raise StartFailed(f"the broker ended by itself with code {code}; its log: {broker.log}")
        except AlreadyRunning as running:
            typer.echo(_sentence(str(running)))
        except KeyboardInterrupt:
            broker.stop()
            typer.echo("The broker has ended.")


@app.command()
def status() -> None:
    """Show whether the embedded Kafka runs, where, since when, and with which topics.

    Exit codes: 0 it runs; 3 it does not; 2 the settings cannot be used.

    Example:

        handstream broker status
    """
    with _clear_errors():
        broker = EmbeddedBroker(settings=load_settings())
        running = broker.status()
        if running is None:
            typer.echo("The broker is not running: start it with `handstream broker start`.")
            if broker.ended_by_itself:
                typer.echo(f"It was not stopped, it ended by itself. Its log: {broker.log}")
            raise typer.Exit(ExitCode.NOT_THERE)
        Console().print(_status_table(running, _topic_sentence(broker.settings())))


@app.command()
def stop() -> None:
    """Stop the embedded Kafka. Its data stay.

    Exit codes: 0 it has ended, or did not run.

    Example:

        handstream broker stop
    """
    with _clear_errors():
        stopped = EmbeddedBroker(settings=load_settings()).stop()
        typer.echo("The broker has ended." if stopped else "The broker was not running.")


@app.command()
def topics(
    *, create: Annotated[bool, typer.Option("--create", help="Create the topics that are missing.")] = False
) -> None:
    """Show the topics as they should be and as they are, on the broker that the settings name.

    Exit codes: 0 all are there; 2 no broker answers, or a topic has other partitions; 3 some are missing.

    Examples:

        handstream broker topics

        HANDSTREAM_BROKER=kafka.example.org:9092 handstream broker topics --create
    """
    with _clear_errors():
        settings = load_settings()
        if create:
            for name in create_topics(settings):
                typer.echo(f"created {name}")
        specs = topic_specs(settings)
        states = _states(settings, specs)
        table = Table("topic", "partitions", "kept for", "largest record", "state")
        for spec in specs:
            kept = timedelta(milliseconds=spec.retention_ms)
            size = f"{spec.max_message_bytes:,} bytes"
            table.add_row(spec.name, str(spec.partitions), str(kept), size, states[spec.name])
        Console().print(table)
        if MISSING in states.values():
            typer.echo("Create them with `handstream broker topics --create`.")
            raise typer.Exit(ExitCode.NOT_THERE)


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (SettingsError, BrokerError) as error:
        typer.echo(_sentence(str(error)), err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error


def _check_for_embedded(settings: Settings, *, port: int | None) -> None:
    if settings.security_protocol is not SecurityProtocol.PLAINTEXT:
        raise EmbeddedBrokerError(
            "the embedded broker serves this machine alone and asks for no login, but HANDSTREAM_SECURITY_PROTOCOL is "
            f"{settings.security_protocol}: unset it, or use the broker that it belongs to"
        )
    host = settings.servers[0].rpartition(":")[0]
    if port is None and (host not in LOOPBACK_HOSTS or len(settings.servers) > 1):
        raise EmbeddedBrokerError(
            f"HANDSTREAM_BROKER names {settings.broker}, which is not this machine: unset it, or choose a --port"
        )


def _start(broker: EmbeddedBroker, settings: Settings) -> None:
    # Fetching shows its own progress, so it comes first.
    ensure_kafka(cache_dir=settings.cache_dir)
    with Console(stderr=True).status("Starting Kafka"):
        started = broker.start()
    typer.echo(f"Kafka {KAFKA_VERSION} answers at {started.address} (pid {started.pid}), data in {started.data_dir}")
    if started.address.rpartition(":")[2] != settings.servers[0].rpartition(":")[2]:
        typer.echo(f"For the other commands:  export HANDSTREAM_BROKER={started.address}")
    create_topics(broker.settings())


def _partition_counts(admin: Any) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}


def _states(settings: Settings, specs: Sequence[TopicSpec]) -> dict[str, str]:
    """By topic: missing, there, or in what it differs from the settings. Nothing is changed for it."""
    with admin_client(settings) as admin:
        counts = _partition_counts(admin)
        there = [ConfigResource(ConfigResourceType.TOPIC, spec.name) for spec in specs if spec.name in counts]
        described: Any = admin.describe_configs(there, config_filter="all") if there else {}
    configs = described.get("topic", {})
    states = {}
    for spec in specs:
        if spec.name not in counts:
            states[spec.name] = MISSING
            continue
        differences = [] if counts[spec.name] == spec.partitions else [f"has {counts[spec.name]} partitions"]
        differences += [
            f"has {name}={configs[spec.name][name]['value']}, not {wanted}"
            for name, wanted in spec.configs.items()
            if configs[spec.name][name]["value"] != wanted
        ]
        states[spec.name] = "; ".join(differences) or "there"
    return states


def _topic_sentence(settings: Settings) -> str:
    try:
        with admin_client(settings) as admin:
            counts = _partition_counts(admin)
    except BrokerError as error:
        return str(error)
    own = {name: count for name, count in sorted(counts.items()) if not name.startswith("__")}
    return "\n".join(f"{name}, {count} partitions" for name, count in own.items()) or "none"


def _status_table(running: BrokerStatus, topics_text: str) -> Table:
    table = Table(show_header=False)
    uptime = datetime.now(UTC) - running.started_at
    table.add_row("broker", f"Apache Kafka {KAFKA_VERSION}, running")
    table.add_row("address", running.address)
    table.add_row("pid", str(running.pid))
    table.add_row("uptime", str(timedelta(seconds=int(uptime.total_seconds()))))
    table.add_row("memory", f"{running.resident_bytes // MEBIBYTE} MiB")
    table.add_row("topics", topics_text)
    table.add_row("data", str(running.data_dir))
    table.add_row("log", str(running.log))
    return table


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
