"""Logs: their form, what is taken out of them, and how often the same is said."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from monitoring.logs import log_configuration
from monitoring.redaction import Redaction
from monitoring.repeats import WINDOW_SECONDS, Repeats
from settings import LogFormat, LogLevel, SecurityProtocol, Settings

PASSWORD = "correct-horse"  # noqa: S105
SETTINGS = Settings(
    security_protocol=SecurityProtocol.SASL_PLAINTEXT,
    sasl_username="handstream",
    sasl_password=PASSWORD,
)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def restored() -> Iterator[None]:
    """Whatever a test configures is undone."""
    root, ours = logging.getLogger(), logging.getLogger("handstream")
    before = (root.level, list(root.handlers), ours.level)
    yield
    root.level, root.handlers, ours.level = before


def configured(settings: Settings, monkeypatch: pytest.MonkeyPatch, *, terminal: bool = False) -> StringIO:
    stream = Terminal() if terminal else StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.delenv("NO_COLOR", raising=False)
    logging.config.dictConfig(log_configuration(settings))
    return stream


@pytest.mark.usefixtures("restored")
def test_a_line_is_one_object_with_its_context_as_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = configured(SETTINGS, monkeypatch)

    logging.getLogger("handstream.worker").info("Took up", extra={"camera": "dør", "partition": 2, "offset": 4711})
    logging.getLogger("handstream.worker").debug("not at this level")
    logging.getLogger("aiokafka.conn").info("libraries from WARNING on")
    try:
        raise RuntimeError(f"SASL failed for handstream:{PASSWORD}")
    except RuntimeError:
        logging.getLogger("aiokafka.conn").exception("Unable to connect to %s", "kafka-1:9093")

    ours, theirs = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert list(ours)[:4] == ["timestamp", "level", "logger", "event"]
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "level": "info",
        "logger": "handstream.worker",
        "event": "Took up",
        "camera": "dør",
        "partition": 2,
        "offset": 4711,
    }
    assert (theirs["event"], theirs["level"]) == ("Unable to connect to kafka-1:9093", "error")
    assert theirs["exception"].endswith("RuntimeError: SASL failed for handstream:***")
    assert "Traceback" in theirs["exception"]
    assert PASSWORD not in stream.getvalue()


@pytest.mark.usefixtures("restored")
def test_a_terminal_gets_a_coloured_line_and_the_settings_have_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal = configured(SETTINGS, monkeypatch, terminal=True)
    logging.getLogger("handstream.worker").warning("Lost", extra={"url": f"rtsp://ann:{PASSWORD}@cam/1"})
    assert "\x1b[" in on_terminal.getvalue()
    assert "Lost" in on_terminal.getvalue()
    assert "ann" not in on_terminal.getvalue()

    as_json = configured(SETTINGS.model_copy(update={"log_format": LogFormat.JSON}), monkeypatch, terminal=True)
    logging.getLogger("handstream.worker").warning("Lost")
    assert json.loads(as_json.getvalue())["event"] == "Lost"

    wanted = SETTINGS.model_copy(update={"log_format": LogFormat.TEXT, "log_level": LogLevel.DEBUG})
    as_text = configured(wanted, monkeypatch)
    logging.getLogger("handstream.worker").debug("Seen", extra={"camera": "door"})
    logging.getLogger("aiokafka").info("a line a record")
    (line,) = as_text.getvalue().splitlines()
    assert "Seen" in line
    assert "camera=door" in line
    assert "\x1b[" not in line


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("rtsp://ann:s3cret@camera.example/1", "rtsp://***@camera.example/1"),
        ("cannot open 'rtsp://ann:s3/cr@et@camera.example/1': away", "cannot open 'rtsp://***@camera.example/1': away"),
        ("http://camera.example/video?token=s3cret&u=s3cret", "http://camera.example/video?token=***&u=***"),
        ("sasl_plain_password='s3cret', retries=3", "sasl_plain_password='***', retries=3"),
        ('{"api_key": "s3cret"}', '{"api_key": "***"}'),
        ("Authorization: Bearer s3cret-s3cret", "Authorization: ***"),
        (f"it said {PASSWORD}!", "it said ***!"),
        ("kafka-1.example:9093 answers; see http://localhost:8000/docs", None),
        (["rtsp://a:s3cret@b", {"password": 7, "count": 7}], ["rtsp://***@b", {"password": "***", "count": 7}]),
        (Path("photos/1.jpg"), "photos/1.jpg"),
        (True, True),
    ],
)
def test_secrets_and_credentials_are_taken_out(value: object, shown: object) -> None:
    hidden = Redaction((PASSWORD,))(None, "", {"value": value, "gateway_token": value, "camera": "door"})

    assert hidden["value"] == (value if shown is None else shown)
    assert hidden["gateway_token"] in ("***", True)
    assert hidden["camera"] == "door"


def test_the_same_warning_is_said_once_a_minute_with_how_often_it_came() -> None:
    now = 0.0
    repeats = Repeats(clock=lambda: now)

    def said(message: str, *arguments: object, level: int = logging.WARNING, **extra: object) -> int | None:
        """How many were held back before it; None where it is held back itself."""
        entry = {"name": "aiokafka", "levelno": level, "msg": message, "args": arguments, **extra}
        record = logging.makeLogRecord(entry)
        return getattr(record, "repeated", 0) if repeats.filter(record) else None

    assert said("no broker at %s, try %d", "kafka-1", 1) == 0
    assert [said("no broker at %s, try %d", "kafka-1", number) for number in range(2, 50)] == [None] * 48
    assert said("lost", camera="door", seconds=1.0) == 0
    assert said("lost", camera="desk", seconds=1.0) == 0
    assert said("lost", camera="desk", seconds=2.0) is None
    assert [said("hello", level=logging.INFO) for _ in range(3)] == [0, 0, 0]
    now = WINDOW_SECONDS
    assert said("no broker at %s, try %d", "kafka-1", 51) == 48
    for number in range(2000):
        assert said(f"a new one: {number}") == 0
