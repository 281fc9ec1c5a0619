"""The settings of every process, and which values they take."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from events.prediction import MAX_HANDS

PREFIX = "HANDSTREAM_"
_SERVER = re.compile(r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$")
_TOKEN = re.compile(r"^[A-Za-z0-9._~-]{16,256}$")
_ORIGIN = re.compile(r"^https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?$")
_HTTP_ADDRESS = re.compile(r"^https?://[^\s/]+\S*$")
_TOPIC_PREFIX = re.compile(r"^[A-Za-z0-9._-]{0,100}$")


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def has_sasl(self) -> bool:
        return self in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)

    @property
    def has_ssl(self) -> bool:
        return self in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """auto: text on a terminal, else json."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class SaslMechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class Settings(BaseModel):
    """Where Kafka is and how this installation uses it. Secrets do not appear in its representation.

    `Settings()` has the defaults; load_settings() reads the environment and `.env`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    broker: str = Field("127.0.0.1:9092", description="Bootstrap servers, host:port, several separated by commas")
    security_protocol: SecurityProtocol = Field(SecurityProtocol.PLAINTEXT, description="How to talk to the broker")
    sasl_mechanism: SaslMechanism = Field(SaslMechanism.PLAIN, description="How to log in, with a SASL_ protocol")
    sasl_username: str | None = Field(None, description="Name to log in with")
    sasl_password: SecretStr | None = Field(None, description="Password to log in with")
    ssl_cafile: Path | None = Field(None, description="Certificates to trust, PEM; the system's where not given")
    ssl_certfile: Path | None = Field(None, description="Certificate of this client, PEM")
    ssl_keyfile: Path | None = Field(None, description="Private key of this client, PEM")
    ssl_keyfile_password: SecretStr | None = Field(None, description="Password of that key")
    ssl_check_hostname: bool = Field(True, description="Whether the broker's certificate must name its host")
    topic_prefix: str = Field("", description="Put before every topic's name, so that installations share a cluster")
    partitions: int = Field(8, ge=1, le=1000, description="Partitions of each topic: the frames processed at once")
    replication_factor: int = Field(1, ge=1, description="Copies of each partition")
    frames_retention_minutes: int = Field(60, ge=1, description="How long frames are kept")
    predictions_retention_hours: int = Field(168, ge=1, description="How long predictions are kept")
    gestures_retention_hours: int = Field(168, ge=1, description="How long gestures that started and ended are kept")
    dead_letters_retention_days: int = Field(14, ge=1, description="How long dead letters are kept")
    max_message_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Size of the greatest frame")
    consumer_group: str = Field("handstream", min_length=1, description="Consumer group of the workers")
    model: str | None = Field(
        None,
        description="Model bundle to serve: a folder, models:/NAME@ALIAS or models:/NAME/VERSION; "
        "the shipped one where not given",
    )
    engine: Literal["openvino", "mediapipe"] = Field(
        "openvino", description="What finds hands: our own engine on OpenVINO, or MediaPipe's HandLandmarker"
    )
    max_hands: int = Field(2, ge=1, le=MAX_HANDS, description="Hands found in one frame at most")
    precision: Literal["auto", "f32", "bf16", "int8"] = Field(
        "auto",
        description="Arithmetic of our own engine's networks; auto: bf16, else int8, where the processor has "
        "instructions for it, else f32",
    )
    model_poll_seconds: float = Field(
        5.0, gt=0, le=3600, description="How often the worker looks for another model bundle there"
    )
    smoothing: bool = Field(
        True, description="Whether the landmarks of followed hands are smoothed, in live and recorded streams"
    )
    idle_skipping: bool = Field(
        True,
        description="Whether frames are skipped while no hand is in sight and nothing moves; the detector then runs "
        "twice a second",
    )
    world_landmarks: bool = Field(
        False,
        description="Whether predictions carry each hand's landmarks in metres as well: about 570 bytes a hand, 42 % "
        "more for a prediction with one hand",
    )
    stale_after_seconds: float = Field(
        0.75, ge=0.5, le=86400, description="Age from which a live camera's frame is skipped by the worker as stale"
    )
    stuck_after_seconds: float = Field(
        30.0, gt=0, le=3600, description="How long one frame or the event loop may take before a worker is stuck"
    )
    gesture_hold_seconds: float = Field(
        0.25,
        ge=0.05,
        le=10,
        description="How long a hand must show a gesture for it to start, and must not show it for it to end",
    )
    gesture_silence_seconds: float = Field(
        1.0, gt=0, le=60, description="What is held ends when the camera sends no frame for longer than this"
    )
    dead_letter_limit: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of a camera's frames that may become dead letters, and of cameras that may be faulty so, "
        "before the worker is not ready",
    )
    drift_window_seconds: float = Field(
        900.0, ge=1, le=86400, description="How far back what cameras show is compared with the model's reference"
    )
    drift_least_hands: int = Field(
        300, ge=1, le=1_000_000, description="Hands in that time from which on the distance to the reference is told"
    )
    metrics_host: str = Field("127.0.0.1", description="Address on which a process serves /metrics")
    metrics_port: int = Field(9101, ge=0, le=65535, description="Port of the first worker process's /metrics")
    monitor_port: int = Field(9308, ge=0, le=65535, description="Port of the monitor's /metrics; 0 for a free one")
    monitor_poll_seconds: float = Field(
        5.0, ge=0.1, le=300, description="How often the monitor asks Kafka for offsets and groups"
    )
    producer_metrics_port: int = Field(
        9201, ge=0, le=65535, description="Port of a producer's /metrics; where it is taken, one of the next"
    )
    prometheus_port: int = Field(
        9090, ge=0, le=65535, description="Port of the Prometheus that --prometheus starts; 0 for a free one"
    )
    gateway_host: str = Field("127.0.0.1", description="Address on which the gateway listens")
    gateway_port: int = Field(8000, ge=0, le=65535, description="Port of the gateway; 0 for a free one")
    gateway_token: SecretStr | None = Field(None, description="Bearer token that the gateway asks for")
    gateway_hosts: str = Field(
        "", description="Names by which the gateway may be called, separated by commas; on loopback localhost always is"
    )
    gateway_origins: str = Field(
        "", description="Other web origins (https://name) that may use the gateway, separated by commas"
    )
    gateway_max_upload_bytes: int = Field(
        10 * 1024 * 1024, ge=1024, le=20 * 1024 * 1024, description="Size of the greatest image that may be uploaded"
    )
    gateway_max_batch_files: int = Field(16, ge=1, le=256, description="Images of one POST /predict/batch")
    gateway_predict_threads: int = Field(1, ge=1, le=64, description="Uploads recognised at once")
    gateway_predict_waiting: int = Field(8, ge=0, le=1000, description="Uploads that may wait for that; more get 429")
    gateway_max_viewers: int = Field(64, ge=1, le=10000, description="Viewers of the stream at once")
    gateway_max_cameras: int = Field(8, ge=0, le=1000, description="Browsers that may be cameras at once")
    gateway_camera_fps: int = Field(30, ge=1, le=60, description="Frames a second taken from one browser")
    gateway_camera_max_bytes: int = Field(512 * 1024, ge=1024, description="Size of the greatest frame of a browser")
    gateway_camera_max_side: int = Field(1280, ge=16, le=8192, description="Pixels on the longer side of such a frame")
    log_level: LogLevel = Field(
        LogLevel.INFO, description="From which level on our messages are logged; those of libraries from WARNING on"
    )
    log_format: LogFormat = Field(
        LogFormat.AUTO, description="One JSON object a line, or text; `auto`: text on a terminal, else JSON"
    )
    traces_endpoint: str | None = Field(
        None, description="OTLP/HTTP address that traces go to, such as http://localhost:4318; none are made without"
    )
    traces_sample_ratio: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of the frames that a producer traces; the others are not traced later either",
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("handstream"),
        description="Data of the own broker and the own model registry",
    )
    cache_dir: Path = Field(default_factory=lambda: user_cache_path("handstream"), description="What was downloaded")

    @property
    def broker_is_named(self) -> bool:
        """Whether the user named a broker, in contrast to the default address."""
        return "broker" in self.model_fields_set

    @property
    def servers(self) -> list[str]:
        return self.broker.split(",")

    @field_validator("broker")
    @classmethod
    def _check_broker(cls, value: str) -> str:
        servers = [server.strip() for server in value.split(",") if server.strip()]
        for server in servers:
            found = _SERVER.match(server)
            if not found or not 0 < int(found[2]) <= 65535:
                raise ValueError("must be host:port, several separated by commas")
        if not servers:
            raise ValueError("must name a server as host:port")
        return ",".join(servers)

    @field_validator("gateway_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        # It travels as a part of Sec-WebSocket-Protocol too, which takes no other characters.
        if value is not None and not _TOKEN.match(value.get_secret_value()):
            raise ValueError("must be 16 to 256 letters, digits, '-', '.', '_' and '~'")
        return value

    @field_validator("gateway_hosts", "gateway_origins")
    @classmethod
    def _check_list(cls, value: str) -> str:
        return ",".join(part.strip().lower().rstrip("/") for part in value.split(",") if part.strip())

    @field_validator("gateway_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        for origin in filter(None, value.split(",")):
            if not _ORIGIN.match(origin):
                raise ValueError("must be origins such as https://name or http://name:8080")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _take_any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("traces_endpoint")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is not None and not _HTTP_ADDRESS.match(value):
            raise ValueError("must be an address such as http://localhost:4318")
        return None if value is None else value.rstrip("/")

    @field_validator("data_dir", "cache_dir")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        # The broker runs in a folder of its own.
        return value.expanduser().absolute()

    @field_validator("topic_prefix")
    @classmethod
    def _check_topic_prefix(cls, value: str) -> str:
        if not _TOPIC_PREFIX.match(value):
            raise ValueError("must be at most 100 letters, digits, '.', '_' and '-'")
        return value

    @model_validator(mode="after")
    def _check_security(self) -> Self:
        if self.security_protocol.has_sasl and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(f"{self.security_protocol} needs {PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD")
        if not self.security_protocol.has_ssl and (self.ssl_cafile or self.ssl_certfile or self.ssl_keyfile):
            raise ValueError(
                f"{self.security_protocol} is not encrypted but {PREFIX}SSL_… files are given; use SSL or SASL_SSL"
            )
        for path in (self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile):
            if path is not None and not path.is_file():
                raise ValueError(f"there is no file {path}")
        return self
