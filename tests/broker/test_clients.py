from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from broker.clients import faust_options, kafka_python_options
from settings import SaslMechanism, SecurityProtocol, Settings, SettingsError

LOGIN = {"sasl_username": "camera", "sasl_password": "secret of the test"}
PASSWORD = "open sesame"  # noqa: S105


def _settings(protocol: SecurityProtocol, **more: Any) -> Settings:
    login = LOGIN if protocol.has_sasl else {}
    given = {"broker": "one:9092,two:9093", "security_protocol": protocol, **login, **more}
    return Settings.model_validate(given)


@pytest.mark.parametrize("protocol", list(SecurityProtocol))
def test_both_clients_are_told_the_same(protocol: SecurityProtocol) -> None:
    settings = _settings(protocol)
    kafka_python = kafka_python_options(settings)
    faust = faust_options(settings)
    aiokafka = credentials_to_aiokafka_auth(faust.get("broker_credentials"))

    assert kafka_python["bootstrap_servers"] == ["one:9092", "two:9093"]
    assert [str(url) for url in faust["broker"]] == ["aiokafka://one:9092", "aiokafka://two:9093"]
    for options in (kafka_python, aiokafka):
        assert options["security_protocol"] == protocol.value
        assert isinstance(options.get("ssl_context"), ssl.SSLContext) == protocol.has_ssl
        assert options.get("sasl_plain_username") == (LOGIN["sasl_username"] if protocol.has_sasl else None)
        assert options.get("sasl_plain_password") == (LOGIN["sasl_password"] if protocol.has_sasl else None)


@pytest.mark.parametrize("mechanism", list(SaslMechanism))
def test_the_mechanism_reaches_both_clients(mechanism: SaslMechanism) -> None:
    settings = _settings(SecurityProtocol.SASL_PLAINTEXT, sasl_mechanism=mechanism)
    assert kafka_python_options(settings)["sasl_mechanism"] == mechanism.value
    credentials = faust_options(settings)["broker_credentials"]
    assert credentials_to_aiokafka_auth(credentials)["sasl_mechanism"] == mechanism.value


@pytest.mark.parametrize("checked", [True, False])
def test_the_host_name_check_can_be_left_out_but_never_the_certificate(checked: bool) -> None:
    context = kafka_python_options(_settings(SecurityProtocol.SSL, ssl_check_hostname=checked))["ssl_context"]
    assert context.check_hostname is checked
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_the_password_is_not_in_what_faust_would_print() -> None:
    credentials = faust_options(_settings(SecurityProtocol.SASL_SSL))["broker_credentials"]
    assert LOGIN["sasl_password"] not in repr(credentials)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key, which is encrypted with PASSWORD."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program makes the certificate")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=camera", "-passout"]
    arguments = [*command, f"pass:{PASSWORD}", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(arguments, check=True, capture_output=True)
    return cert, key


@pytest.mark.parametrize("variable", ["ssl_cafile", "ssl_certfile"])
def test_a_file_that_is_no_pem_is_named_with_its_variable(variable: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.pem"
    file.write_text("notes")
    with pytest.raises(SettingsError, match=rf"HANDSTREAM_{variable.upper()}.*notes\.pem"):
        kafka_python_options(_settings(SecurityProtocol.SSL, **{variable: file}))


@pytest.mark.parametrize(("password", "fault"), [(None, "is needed"), ("wrong guess", "is not that")])
def test_an_encrypted_key_that_stays_shut_is_named_and_nobody_is_asked(
    password: str | None, fault: str, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    settings = _settings(SecurityProtocol.SSL, ssl_certfile=cert, ssl_keyfile=key, ssl_keyfile_password=password)
    with pytest.raises(SettingsError, match=f"HANDSTREAM_SSL_KEYFILE_PASSWORD: {fault}") as raised:
        kafka_python_options(settings)
    assert "wrong guess" not in str(raised.value)


def test_an_encrypted_key_opens_with_its_password(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    options = kafka_python_options(
        _settings(SecurityProtocol.SSL, ssl_certfile=cert, ssl_keyfile=key, ssl_keyfile_password=PASSWORD)
    )
    assert isinstance(options["ssl_context"], ssl.SSLContext)
