from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import SecurityProtocol, Settings, SettingsError, load_settings

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


# Hypothesis also takes words of our source, which may stand in the texts.
@given(secret=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=12).map(lambda text: f"7q{text}"))
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


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PARTITIONS", "many", "HANDSTREAM_PARTITIONS: must be an integer, not 'many'"),
        ("PARTITIONS", "0", "HANDSTREAM_PARTITIONS: must be at least 1, not '0'"),
        ("SMOOTHING", "perhaps", "HANDSTREAM_SMOOTHING: must be true or false, not 'perhaps'"),
        ("ENGINE", "torch", "HANDSTREAM_ENGINE: must be 'openvino' or 'mediapipe', not 'torch'"),
        ("BROKER", "localhost", "HANDSTREAM_BROKER: must be host:port, several separated by commas, not 'localhost'"),
        ("PARTITION", "3", "HANDSTREAM_PARTITION: no such setting, did you mean HANDSTREAM_PARTITIONS?"),
        ("BROKERS", "a:1", "HANDSTREAM_BROKERS: no such setting, did you mean HANDSTREAM_BROKER?"),
        (
            "GATEWAY_TOKEN",
            "short",
            "HANDSTREAM_GATEWAY_TOKEN: must be 16 to 256 letters, digits, '-', '.', '_' and '~'",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    Path(".env").write_text(f"# A comment\n\nexport HANDSTREAM_{variable}='{value}'\n")
    with pytest.raises(SettingsError) as in_file:
        load_settings()
    assert str(in_file.value) == f".env:3: {message}"

    Path(".env").unlink()
    monkeypatch.setenv(f"HANDSTREAM_{variable}", value)
    with pytest.raises(SettingsError) as in_environment:
        load_settings()
    assert str(in_environment.value) == message


def test_a_name_unlike_any_setting_is_a_mistake_in_a_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_ZEBRA_QUUX", "1")
    load_settings()
    Path(".env").write_text("HANDSTREAM_ZEBRA_QUUX=1\n")
    with pytest.raises(SettingsError, match=r"^\.env:1: HANDSTREAM_ZEBRA_QUUX: no such setting"):
        load_settings()


def test_a_camera_address_in_the_file_is_not_ignored_silently() -> None:
    Path(".env").write_text("HANDSTREAM_CAMERA_URL=rtsp://camera.example/\n")
    with pytest.raises(SettingsError, match=r"^\.env:1: HANDSTREAM_CAMERA_URL: must be set in the environment"):
        load_settings()


def test_variables_of_a_kubernetes_service_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("HANDSTREAM", "HANDSTREAM_GATEWAY"):
        monkeypatch.setenv(f"{service}_SERVICE_HOST", "10.0.0.1")
        monkeypatch.setenv(f"{service}_SERVICE_PORT", "8000")
        monkeypatch.setenv(f"{service}_PORT", "tcp://10.0.0.1:8000")
        monkeypatch.setenv(f"{service}_PORT_8000_TCP_PORT", "8000")
    assert load_settings().gateway_port == 8000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"NAME=caf\xe9\nHANDSTREAM_LOG_LEVEL=INFO\n", r"^\.env:1: not UTF-8 \(byte 0xe9\); save the file as UTF-8$"),
        (b"A=1\nB=\xfc\n", r"^\.env:2: not UTF-8"),
        ("HANDSTREAM_LOG_LEVEL=INFO\n".encode("utf-16"), r"^\.env:1: UTF-16 text; save the file as UTF-8$"),
        ("HANDSTREAM_LOG_LEVEL=INFO\n".encode("utf-16-be"), r"^\.env:1: UTF-16 text"),
        (b'\nHANDSTREAM_MODEL="a\n', r"^\.env:2: not NAME=VALUE; check its quotes$"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(content: bytes, message: str) -> None:
    Path(".env").write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        load_settings()


def test_a_byte_order_mark_and_lines_of_other_programs_do_not_matter() -> None:
    Path(".env").write_bytes("\ufeffhandstream_partitions=3\r\nnot a statement\r\nOTHER='x\r\n".encode())
    assert load_settings().partitions == 3


def test_a_folder_is_no_env_file_and_a_named_pipe_does_not_block() -> None:
    Path(".env").mkdir()
    load_settings()
    Path(".env").rmdir()
    os.mkfifo(".env")
    with pytest.raises(SettingsError, match="must be a regular file"):
        load_settings()


def test_values_may_refer_to_others() -> None:
    Path(".env").write_text("SITE=attic\nHANDSTREAM_TOPIC_PREFIX=${SITE}.\n")
    assert load_settings().topic_prefix == "attic."


def test_an_address_in_a_message_shows_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_TRACES_ENDPOINT", "grpc://user:hunter2@collector:4317")
    with pytest.raises(SettingsError, match="HANDSTREAM_TRACES_ENDPOINT: must be an address") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


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
    with pytest.raises(SettingsError, match=rf"^(\.env:1: )?HANDSTREAM_{name}: .*HANDSTREAM_GESTURE_HOLD_SECONDS$"):
        load_settings()
