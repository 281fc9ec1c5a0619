"""A broker that goes away while somebody reads is missed: kafka-python's consumer would wait for ever."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from broker.consuming import consumer, partitions_of
from broker.topic_reader import TopicReader
from dead_letters.reader import DeadLetterFilter, DeadLetterReader
from events.examples import example_dead_letter, example_frame
from events.topics import TopicNames
from producers.replay import Range, TopicReplay
from producers.source import SourceError
from settings import Settings
from tests.failures.system import OwnBroker
from tests.handstream.records import publish
from tests.stream_app.twins import CAPTURED_AT

pytestmark = [pytest.mark.broker]

# More than a consumer fetches at once, so that there is something left to ask for.
RECORDS, RECORD_BYTES = 40, 400_000


def test_a_topic_in_which_nothing_happens_is_no_broker_that_went_away(settings: Settings) -> None:
    with consumer(settings, silence_seconds=0.2, answer_seconds=5) as client:
        client.poll(timeout_ms=300)
        client.assign(partitions_of(client, TopicNames(settings.topic_prefix).frames))
        until = time.monotonic() + 2
        while time.monotonic() < until:
            assert client.poll(timeout_ms=300) == {}


@pytest.mark.long
@pytest.mark.timeout(240)
def test_whoever_reads_when_the_broker_goes_away_is_told(tmp_path: Path) -> None:
    with OwnBroker(tmp_path) as broker:
        names, picture = TopicNames(broker.settings.topic_prefix), b"\xff\xd8" + bytes(RECORD_BYTES)
        letter = replace(example_dead_letter(), value=picture).to_record()
        frame = replace(example_frame(), image=picture, captured_at=CAPTURED_AT).to_record()
        publish(broker.settings, names.dead_letters, [letter] * RECORDS, partition=0)
        publish(broker.settings, names.frames, [frame] * RECORDS, partition=0)
        with consumer(broker.settings, silence_seconds=1, answer_seconds=2) as client:
            letters = DeadLetterReader(TopicReader(client, names.dead_letters)).letters(DeadLetterFilter())
            shots = TopicReplay(broker.settings, topic=names.frames, part=Range()).shots()
            next(letters)
            next(shots)
            broker.kill()
            with pytest.raises(KafkaError):
                list(letters)
            with pytest.raises(SourceError, match="cannot be read"):
                list(shots)
