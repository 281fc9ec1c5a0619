from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.settings import SecurityProtocol, Settings, SettingsError, load_settings

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HANDSTREAM_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_anything_the_broker_of_this_machine_is_meant() -> None:
    settings = load_settings()
    assert settings.servers == ["127.0.0.1:9092"]
    assert not settings.broker_is_named
    assert settings.security_protocol is SecurityProtocol.PLAINTEXT


def test_environment_names_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", " one.example:9092, [::1]:9093 ")
    settings = load_settings()
    assert settings.servers == ["one.example:9092", "[::1]:9093"]
    assert settings.broker_is_named


def test_the_environment_goes_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HANDSTREAM_PARTITIONS=3\nHANDSTREAM_CONSUMER_GROUP=from-file\nOTHER=1\n")
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "5")
    settings = load_settings()
    assert (settings.partitions, settings.consumer_group) == (5, "from-file")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BROKER", "localhost"),
        ("BROKER", "localhost:0"),
        ("BROKER", "localhost:65536"),
        ("BROKER", "one:9092,two"),
        ("BROKER", ","),
        ("BROKER", "kafka://one:9092"),
        ("SECURITY_PROTOCOL", "TLS"),
        ("TOPIC_PREFIX", "my topics/"),
        ("TOPIC_PREFIX", "x" * 101),
        ("PARTITIONS", "0"),
        ("PARTITIONS", "many"),
        ("METRICS_PORT", "70000"),
        ("MAX_MESSAGE_BYTES", "-1"),
        ("SSL_CHECK_HOSTNAME", "perhaps"),
    ],
)
def test_a_bad_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"HANDSTREAM_{variable}", value)
    with pytest.raises(SettingsError, match=f"HANDSTREAM_{variable}: "):
        load_settings()


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "nowhere")
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "0")
    with pytest.raises(SettingsError, match=r"HANDSTREAM_BROKER: .*HANDSTREAM_PARTITIONS: "):
        load_settings()


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("given_name", [None, "SASL_USERNAME", "SASL_PASSWORD"])
def test_a_login_needs_name_and_password(
    monkeypatch: pytest.MonkeyPatch, protocol: str, given_name: str | None
) -> None:
    monkeypatch.setenv("HANDSTREAM_SECURITY_PROTOCOL", protocol)
    if given_name is not None:
        monkeypatch.setenv(f"HANDSTREAM_{given_name}", PASSWORD)
    with pytest.raises(SettingsError, match=r"HANDSTREAM_SASL_USERNAME and HANDSTREAM_SASL_PASSWORD") as caught:
        load_settings()
    assert PASSWORD not in str(caught.value)


def test_certificates_without_encryption_are_a_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("HANDSTREAM_SSL_CAFILE", str(tmp_path / "ca.pem"))
    with pytest.raises(SettingsError, match="PLAINTEXT is not encrypted"):
        load_settings()


def test_a_certificate_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDSTREAM_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("HANDSTREAM_SSL_CAFILE", str(tmp_path / "ca.pem"))
    with pytest.raises(SettingsError, match=r"ca\.pem"):
        load_settings()


@given(secret=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=12))
def test_secrets_are_in_no_text_of_the_settings(secret: str) -> None:
    settings = Settings.model_validate(
        {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_username": "camera",
            "sasl_password": secret,
            "ssl_keyfile_password": secret,
        }
    )
    texts = (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json())
    assert not any(secret in text for text in texts)


def test_a_bad_setting_beside_a_secret_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("HANDSTREAM_SASL_USERNAME", "camera")
    monkeypatch.setenv("HANDSTREAM_SASL_PASSWORD", PASSWORD)
    monkeypatch.setenv("HANDSTREAM_SSL_CAFILE", "/nowhere/ca.pem")
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "0")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(caught.value.__cause__)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(load_settings(), "partitions", 2)  # noqa: B010 - a plain assignment would not pass the type check


@pytest.mark.parametrize("name", ["GESTURE_WINDOW_FRAMES", "GESTURE_START_FRAMES", "GESTURE_KEEP_FRAMES"])
@pytest.mark.parametrize("in_file", [False, True])
def test_settings_of_an_earlier_version_are_rejected_with_the_new_name(
    name: str, in_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if in_file:
        Path(".env").write_text(f"HANDSTREAM_{name}=5\n")
    else:
        monkeypatch.setenv(f"HANDSTREAM_{name}", "5")
    with pytest.raises(SettingsError, match=f"^HANDSTREAM_{name}: .*HANDSTREAM_GESTURE_HOLD_SECONDS$"):
        load_settings()
