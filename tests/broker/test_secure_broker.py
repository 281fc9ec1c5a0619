"""The four security protocols against the real Kafka, with both clients."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from kafka import KafkaConsumer, KafkaProducer

from broker.clients import faust_options, kafka_python_options
from broker.embedded.java import find_java
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import BrokerError, check_broker, create_topics
from events.topics import TopicNames
from settings import SecurityProtocol, Settings, load_settings

USER, PASSWORD = "camera", "secret of the test"
HOST = "127.0.0.1"
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.broker


def _certificate(directory: Path, password: str) -> tuple[Path, Path]:
    """A self-signed key for this host: the broker's key store, and the certificate that clients trust."""
    keytool = str(find_java().with_name("keytool"))
    store, trusted = directory / "broker.p12", directory / "ca.pem"
    common = ["-alias", "broker", "-keystore", str(store), "-storepass", password]
    key = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", f"SAN=ip:{HOST}", "-ext", "BC=ca:true"]
    subprocess.run([keytool, *key, "-validity", "2", *common], check=True, capture_output=True)
    export = [keytool, "-exportcert", "-rfc", "-file", str(trusted), *common]
    subprocess.run(export, check=True, capture_output=True)
    return store, trusted


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[SecurityProtocol, Settings]]:
    """One broker with a listener for each protocol."""
    store_password = uuid.uuid4().hex
    store, trusted = _certificate(tmp_path_factory.mktemp("certificate"), store_password)
    ports = {protocol: free_port() for protocol in SecurityProtocol}
    controller_port = free_port()
    listeners = [f"{name}://{HOST}:{port}" for name, port in ports.items() if name is not SecurityProtocol.PLAINTEXT]
    listeners.append(f"CLIENT://{HOST}:{ports[SecurityProtocol.PLAINTEXT]}")
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    properties = {
        "listeners": ",".join([*listeners, f"CONTROLLER://{HOST}:{controller_port}"]),
        "advertised.listeners": ",".join(listeners),
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
        + ",".join(f"{name}:{name}" for name in ports if name is not SecurityProtocol.PLAINTEXT),
        "sasl.enabled.mechanisms": "PLAIN",
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": store_password,
        **{
            f"listener.name.{name.lower()}.plain.sasl.jaas.config": f'{module} required user_{USER}="{PASSWORD}";'
            for name in ports
            if name.has_sasl
        },
    }
    base = load_settings()
    port = ports[SecurityProtocol.PLAINTEXT]
    with EmbeddedBroker(settings=base, port=port, ephemeral=True, properties=properties) as broker:
        plain = broker.settings().model_copy(update={"partitions": 1})
        create_topics(plain)
        yield {
            protocol: Settings.model_validate(
                {
                    "broker": f"{HOST}:{ports[protocol]}",
                    "security_protocol": protocol,
                    "partitions": 1,
                    **({"sasl_username": USER, "sasl_password": PASSWORD} if protocol.has_sasl else {}),
                    **({"ssl_cafile": trusted} if protocol.has_ssl else {}),
                }
            )
            for protocol in SecurityProtocol
        }


@pytest.fixture(params=list(SecurityProtocol))
def settings(secured: dict[SecurityProtocol, Settings], request: pytest.FixtureRequest) -> Settings:
    return secured[request.param]


def test_kafka_python_writes_and_reads(settings: Settings) -> None:
    topic, value = TopicNames().frames, uuid.uuid4().bytes
    assert create_topics(settings) == ()
    producer = KafkaProducer(**kafka_python_options(settings))
    producer.send(topic, value).get(timeout=PATIENCE_SECONDS)
    producer.close()
    consumer = KafkaConsumer(
        topic,
        **kafka_python_options(settings),
        auto_offset_reset="earliest",
        consumer_timeout_ms=PATIENCE_SECONDS * 1000,
    )
    assert any(record.value == value for record in consumer)
    consumer.close()


def test_the_client_that_faust_uses_writes(settings: Settings) -> None:
    async def send() -> int:
        options = faust_options(settings)
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.servers, **credentials_to_aiokafka_auth(options.get("broker_credentials"))
        )
        await producer.start()
        try:
            sent = await producer.send_and_wait(TopicNames().predictions, b"x")
            return int(sent.offset)
        finally:
            await producer.stop()

    assert asyncio.run(send()) >= 0


@pytest.mark.parametrize("protocol", [SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL])
def test_a_wrong_password_is_refused_in_one_line_without_it(
    secured: dict[SecurityProtocol, Settings], protocol: SecurityProtocol
) -> None:
    right = secured[protocol]
    wrong = Settings.model_validate({**right.model_dump(), "sasl_password": "a wrong secret"})
    with pytest.raises(BrokerError) as caught:
        check_broker(wrong)
    message = str(caught.value)
    assert right.broker in message
    assert "\n" not in message
    assert "a wrong secret" not in message


def test_a_certificate_that_is_not_trusted_is_refused(secured: dict[SecurityProtocol, Settings]) -> None:
    untrusting = Settings.model_validate({**secured[SecurityProtocol.SSL].model_dump(), "ssl_cafile": None})
    with pytest.raises(BrokerError, match=untrusting.broker):
        check_broker(untrusting)


def test_each_fault_of_a_connection_is_said_in_words_of_its_own(secured: dict[SecurityProtocol, Settings]) -> None:
    def message(protocol: SecurityProtocol, **changed: object) -> str:
        with pytest.raises(BrokerError) as caught:
            check_broker(Settings.model_validate({**secured[protocol].model_dump(), **changed}))
        return str(caught.value).partition(secured[protocol].broker)[2]

    with socket.create_server((HOST, 0)) as paused:
        silent = f"{HOST}:{paused.getsockname()[1]}"
        told = {
            "login": message(SecurityProtocol.SASL_PLAINTEXT, sasl_password=USER),
            "authority": message(SecurityProtocol.SSL, ssl_cafile=None),
            "no_tls": message(SecurityProtocol.PLAINTEXT, security_protocol="SSL"),
            "tls": message(SecurityProtocol.SSL, security_protocol="PLAINTEXT", ssl_cafile=None),
        }
        with pytest.raises(BrokerError, match=rf"{silent} takes connections and does not answer: .* paused") as caught:
            check_broker(Settings(broker=silent))
    assert "SECURITY_PROTOCOL" not in str(caught.value)
    assert told["login"].startswith(" refuses the login: check HANDSTREAM_SASL_MECHANISM")
    assert " shows a certificate that is not trusted (" in told["authority"]
    assert "check HANDSTREAM_SECURITY_PROTOCOL" in told["no_tls"]
    assert told["tls"].startswith(" speaks TLS, not PLAINTEXT: set HANDSTREAM_SECURITY_PROTOCOL to SSL")
    assert len(set(told.values())) == len(told)
