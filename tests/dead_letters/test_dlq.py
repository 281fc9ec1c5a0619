"""`handstream dlq` on a real Kafka."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dead_letters.letter import Letter
from events.dead_letter import DeadLetter, decode_dead_letter
from events.examples import example_dead_letter, example_frame
from events.frame import decode_frame
from events.reason import Reason, RecordError
from events.record import Position, header_name
from events.topics import TopicNames
from handstream.cli import app
from settings import Settings
from stream_app.outcome import Incoming
from stream_app.processor import FrameProcessor
from tests.handstream.records import publish
from tests.stream_app.twins import TwinRecognizer
from tests.stream_app.worker_process import receive

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    return settings


def dlq(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["dlq", *map(str, arguments)])


def letter(number: int, *, camera: str = "door", **changes: Any) -> DeadLetter:
    frame = replace(
        example_frame(), camera=camera, sequence=number, captured_at=NOW, source="rtsp://ann:geheim@cam.example/1"
    )
    record = frame.to_record()
    fields = {
        "key": record.key,
        "value": b"GIF89a" + bytes([number]),
        "headers": (*record.headers, ("trace", b"\xff\x00"), ("trace", b"")),
        "position": Position(topic="frames", partition=number % 2, offset=number),
        "time": NOW - timedelta(minutes=10 * number),
        "error": "no JPEG, from rtsp://ann:geheim@cam.example/1",
        **changes,
    }
    return replace(example_dead_letter(), **fields)


def fill(settings: Settings, *letters: DeadLetter) -> None:
    topic = TopicNames(settings.topic_prefix).dead_letters
    for one in letters:
        record = replace(one.to_record(), timestamp_ms=int(one.time.timestamp() * 1000) + 5)
        publish(settings, topic, [record], partition=one.position.partition)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.broker
def test_letters_are_listed_shown_and_exported(env: Settings, tmp_path: Path) -> None:
    many = [
        letter(4),
        letter(3, reason=Reason.EMPTY_IMAGE, value=b""),
        letter(2, camera="../gate: 1"),
        letter(1, value=example_frame().image),
        letter(0, key=b"\xff", headers=(("ce_camera", b"\xff\x1b[2J"),), reason=Reason.MISSING_HEADER),
    ]
    fill(env, *many)
    publish(env, f"{env.topic_prefix}frames.dlq", [replace(many[0].to_record(), headers=())], partition=0)

    listed = lines(dlq("list", "--json"))
    assert [line["frame"] for line in listed] == [f"frames/{n % 2}/{n}" for n in (4, 3, 2, 1, 0)], "oldest first"
    assert [line["camera"] for line in listed] == ["door", "door", "../gate: 1", "door", "\\xff\\x1b[2J"]
    assert [line["letter"] for line in lines(dlq("list", "--json", "--limit", 2))] == ["1/1", "0/2"]
    for arguments, frames in (
        (("--since", (NOW - timedelta(minutes=25)).isoformat()), ["frames/0/2", "frames/1/1", "frames/0/0"]),
        (("--until", (NOW - timedelta(minutes=25)).isoformat()), ["frames/0/4", "frames/1/3"]),
        (
            (
                "--since",
                (NOW - timedelta(minutes=30)).isoformat(),
                "--until",
                (NOW - timedelta(minutes=15)).isoformat(),
            ),
            ["frames/1/3", "frames/0/2"],
        ),
        (("--reason", "empty_image", "--reason", "missing_header"), ["frames/1/3", "frames/0/0"]),
        (("--camera", "../gate: 1"), ["frames/0/2"]),
    ):
        assert [line["frame"] for line in lines(dlq("list", "--json", *arguments))] == frames, arguments
    table = dlq("list", "--limit", 3)
    assert "5 dead letters: 3 not_an_image, 1 empty_image, 1 missing_header (3 shown" in table.stdout
    assert "1 records of" in table.stderr
    assert "no dead letter fits" in dlq("list", "--camera", "nobody").stdout

    for position in ("1/0", "frames/1/3"):
        shown = dlq("show", position)
        assert shown.exit_code == 0, shown.output
        assert "ce_source: rtsp://***@cam.example/1" in shown.stdout
        assert "has no bytes" in shown.stdout
    assert "empty_image" in shown.stdout
    (facts,) = lines(dlq("show", "1/0", "--json"))
    assert facts["headers"][-2:] == [["trace", "\\xff\\x00"], ["trace", ""]]
    assert [dlq("show", position).exit_code for position in ("0/99", "9/9", "0/3", "door")] == [1, 1, 1, 2]

    folder = tmp_path / "letters"
    written = dlq("export", folder)
    assert written.exit_code == 0, written.output
    names = sorted(path.name for path in folder.iterdir() if path.suffix != ".json")
    assert names == sorted(
        ["door-4-0-0.gif", "door-3-1-0.bin", "gate_1-2-0-1.gif", "door-1-1-1.jpg", "xff_x1b_2J-none-0-2.gif"]
    )
    assert (folder / "door-4-0-0.gif").read_bytes() == many[0].value
    beside = json.loads((folder / "door-4-0-0.json").read_text())
    assert (beside["reason"], beside["frame"], beside["bytes"]) == ("not_an_image", "frames/0/4", 7)
    (folder / "door-4-0-0.gif").write_bytes(b"mine")
    again = dlq("export", folder, "--camera", "door")
    assert again.exit_code == 1
    assert "3 left as they are" in again.stderr
    assert (folder / "door-4-0-0.gif").read_bytes() == b"mine"
    assert dlq("export", folder, "--overwrite").exit_code == 0
    assert (folder / "door-4-0-0.gif").read_bytes() == many[0].value
    everything = "".join(path.read_text() for path in folder.glob("*.json"))
    assert "geheim" not in table.output + shown.output + written.output + everything + json.dumps(listed)


@pytest.mark.broker
def test_letters_are_sent_back_whole_and_count_their_retries(env: Settings) -> None:
    topics = TopicNames(env.topic_prefix)
    often = (*letter(2).headers, ("ce_retrycount", b"3"))
    many = [letter(0), letter(1, key=None, headers=(("a", b"\xff"), ("a", b""))), letter(2, headers=often)]
    fill(env, *many, letter(4, camera="gate"))

    dry = dlq("replay", "--camera", "door", "--dry-run")
    assert (dry.exit_code, receive(env, topics.frames, 0)) == (0, [])
    assert "2 dead letters would be sent" in dry.stdout
    assert "Send 2 dead letters back" in _answered_no("--camera", "door")
    assert receive(env, topics.frames, 0) == []
    unasked = dlq("replay", "--camera", "door")
    assert (unasked.exit_code, receive(env, topics.frames, 0)) == (2, [])
    assert "--yes is needed to send 2 dead letters" in unasked.stderr
    sent = dlq("replay", "--max-retries", 3, "--since", "35m", "--yes")
    assert sent.exit_code == 0, sent.output
    assert "2 dead letters sent to" in sent.stdout
    assert "1 left out, sent again 3 times or more already" in sent.stderr

    frames = receive(env, topics.frames, 2)
    assert [(one.partition, one.key, one.value) for one in sorted(frames, key=lambda one: one.partition)] == [
        (0, b"door", many[0].value),
        (1, None, many[1].value),
    ]
    for one, original in zip(sorted(frames, key=lambda one: one.partition), many, strict=False):
        assert one.headers == [*original.headers, ("ce_retrycount", b"1")]
        assert abs(one.timestamp / 1000 - datetime.now(UTC).timestamp()) < 600
    # At fault again: the letter says how often it was tried.
    outcome = FrameProcessor(recognizer=TwinRecognizer(), topics=topics, clock=lambda: NOW).process(
        Incoming(
            position=Position(topic=topics.frames, partition=1, offset=0),
            key=None,
            value=frames[-1].value,
            headers=tuple(frames[-1].headers if frames[-1].partition == 1 else frames[0].headers),
        )
    )
    assert outcome.topic == topics.dead_letters
    publish(env, outcome.topic, [outcome.record], partition=1)
    assert [line["retries"] for line in lines(dlq("list", "--json"))][-1] == 1
    limited = dlq("replay", "--camera", "gate", "--limit", 1, "--yes")
    assert "1 dead letters sent" in limited.stdout
    assert "0 dead letters would be sent" in dlq("replay", "--camera", "nobody").stdout


def _answered_no(*arguments: str) -> str:
    """What a replay says on a terminal on which the answer is no."""
    ours, its = pty.openpty()
    with open(ours, "r+b", buffering=0) as terminal:
        terminal.write(b"n\n")
        command = [sys.executable, "-m", "handstream.cli", "dlq", "replay", *arguments]
        done = subprocess.run(command, stdin=its, stdout=its, stderr=its, timeout=120, check=False)
        os.close(its)
        assert done.returncode == 1
        return terminal.read(4000).decode()


def test_a_frame_that_was_sent_back_says_so_wherever_it_goes() -> None:
    one = example_dead_letter()
    retried = Letter(position=one.position, letter=replace(one, value=example_frame().image)).to_frame(timestamp_ms=1)
    frame = decode_frame(key=retried.key, value=retried.value, headers=retried.headers)
    assert (frame.retries, frame.is_sent_again, frame.captured_at) == (1, True, example_frame().captured_at)
    assert not example_frame().is_sent_again
    failed_again = replace(one, headers=retried.headers).to_record()
    read = decode_dead_letter(key=failed_again.key, value=failed_again.value, headers=failed_again.headers)
    assert Letter(position=one.position, letter=read).retries == 1


def test_headers_that_not_every_client_can_send_come_back_as_ones_that_it_can() -> None:
    sent = example_frame().to_record()
    headers = (*sent.headers, (header_name(b"colour\xff"), b"red"), ("note", None), ("dlq_reason", b"none"))
    with pytest.raises(RecordError, match="not UTF-8"):
        decode_frame(key=sent.key, value=sent.value, headers=headers)
    one = example_dead_letter()
    kept = replace(one, key=sent.key, value=sent.value, headers=headers).to_record()
    read = decode_dead_letter(key=kept.key, value=kept.value, headers=kept.headers)
    back = Letter(position=one.position, letter=read).to_frame(timestamp_ms=1)
    added = ((r"colour\xff", b"red"), ("note", b""), ("ce_retrycount", b"1"))
    assert back.headers == (*sent.headers, *added)
    # Its name alone was at fault, and nothing asks for the escaped one.
    assert decode_frame(key=back.key, value=back.value, headers=back.headers).retries == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("list", "--since", "yesterday"), "yesterday"),
        (("list", "--reason", "boredom"), "boredom"),
        (("replay", "--max-retries", "0"), "max-retries"),
        (("export",), "FOLDER"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], word: str) -> None:
    result = dlq(*arguments)
    assert result.exit_code == 2
    assert word in result.stderr


def test_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "127.0.0.1:9")
    result = dlq("list")
    assert (result.exit_code, result.stdout) == (1, "")
    (told,) = result.stderr.splitlines()
    assert "127.0.0.1:9" in told
