"""`handstream lag`: the table, the JSON and the command as a user sees it."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import Any

import psutil
import pytest
from kafka import KafkaProducer
from rich.console import Console

from broker.clients import kafka_python_options
from events.topics import TopicNames
from monitoring.cluster import GroupState, Partition
from monitoring.lag import PartitionLag
from monitoring.lag_collector import GroupLag, Snapshot
from monitoring.lag_table import CommitRate, lag_line, lag_table
from settings import Settings
from tests.environment import plain_environment

TIMEOUT_SECONDS = 60.0
LAG = PartitionLag(topic="frames", partition=3, committed=1200, beginning=0, end=1234, seconds=12.34)


def snapshot(*partitions: PartitionLag, at: float = 1000.0, members: int | None = 2) -> Snapshot:
    group = GroupLag(group="workers", state=GroupState(state="Stable", members=members), partitions=partitions)
    return Snapshot(taken_at_seconds=at, brokers=1, bounds={}, groups=(group,))


def drawn(shown: Snapshot, rate: CommitRate) -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(lag_table(shown, rate))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_has_a_line_for_each_group_and_a_row_for_each_partition() -> None:
    never = PartitionLag(topic="frames", partition=4, committed=None, beginning=0, end=7)
    text = drawn(snapshot(LAG, never), CommitRate())

    assert "workers  Stable  2 members" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["workers", "frames", "3", "1,200", "1,234", "34", "12.3", "-"] in rows
    assert ["workers", "frames", "4", "-", "7", "7", "-", "-"] in rows
    assert ["all", "41", "12.3"] in rows


def test_a_group_that_reads_nothing_of_ours_says_so() -> None:
    text = drawn(snapshot(members=0), CommitRate())
    assert "0 members" in text
    assert "has committed in none of our topics" in text


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    rate, partition = CommitRate(), Partition("frames", 3)
    rates = []
    for second in range(31):
        # 100 a second for 20 s, then nothing.
        rate.update(snapshot(replace(LAG, committed=100 * min(second, 20)), at=1000.0 + second))
        rates.append(rate.per_second("workers", partition))
    assert rates[0] is None
    assert rates[1] == rates[15] == rates[20] == 100
    assert rates[25] == 50
    assert rates[30] == 0
    rate.update(snapshot(replace(LAG, committed=0), at=1040.0))
    assert rate.per_second("workers", partition) == 0


def test_the_json_has_all_figures() -> None:
    (group,) = json.loads(lag_line(snapshot(LAG), CommitRate()))["groups"]
    assert (group["group"], group["state"], group["members"]) == ("workers", "Stable", 2)
    assert group["partitions"] == [
        {
            "topic": "frames",
            "partition": 3,
            "committed": 1200,
            "beginning": 0,
            "end": 1234,
            "lag_records": 34,
            "lag_seconds": 12.34,
            "records_per_second": None,
        }
    ]


def environment(settings: Settings) -> dict[str, str]:
    return {
        **plain_environment(),
        "TERM": "xterm",
        "COLUMNS": "120",
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
    }


@pytest.mark.broker
def test_it_follows_the_lag_until_ctrl_c(settings: Settings) -> None:
    frames = TopicNames(settings.topic_prefix).frames
    terminal, inside = pty.openpty()
    process = psutil.Popen(
        [sys.executable, "-m", "handstream.cli", "lag", "--interval", "0.3"],
        env=environment(settings),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    screen = _read_until(terminal, "all", "")
    with closing(KafkaProducer(**kafka_python_options(settings))) as producer:
        for _ in range(4321):
            producer.send(frames, value=b"", partition=1)
        producer.flush()
    screen = _read_until(terminal, "4,321", screen)
    process.send_signal(signal.SIGINT)
    screen = _read_until(terminal, None, screen)
    assert process.wait(30) == 130, screen
    os.close(terminal)
    assert "Traceback" not in screen
    assert "Dead" in screen

    once = _lag("--once", "--json", env=environment(settings))
    assert once.returncode == 0, once.stderr
    (group,) = json.loads(once.stdout)["groups"]
    assert [row["lag_records"] for row in group["partitions"]] == [0, 4321]
    assert group["partitions"][1]["lag_seconds"] > 0


@pytest.mark.parametrize("options", [("--once",), ("--json",), ()])
def test_without_a_broker_it_says_so_in_one_line(options: tuple[str, ...]) -> None:
    ended = _lag(*options, env={**plain_environment(), "HANDSTREAM_BROKER": "127.0.0.1:1"})

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.broker
def test_settings_that_cannot_be_used_are_named(settings: Settings) -> None:
    env = {**environment(settings), "HANDSTREAM_SECURITY_PROTOCOL": "SSL", "HANDSTREAM_SSL_CAFILE": __file__}
    ended = _lag("--json", env=env)

    assert ended.returncode == 2
    assert "HANDSTREAM_SSL_CAFILE" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_all_groups_and_some_of_them_contradict_each_other() -> None:
    ended = _lag("--all-groups", "--group", "one", env=plain_environment())

    assert ended.returncode == 2
    assert "--all-groups" in ended.stderr


def _lag(*options: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handstream.cli", "lag", *options],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


def _read_until(terminal: Any, text: str | None, screen: str) -> str:
    """Until the text is on the screen; None: until the last one on the other side has closed it."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while text is None or text not in screen:
        assert time.monotonic() < deadline, screen
        try:
            screen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            assert text is None, screen
            return screen
    return screen
