"""A whole run into a real Kafka."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.topics import BrokerError, BrokerUnavailable, create_topics
from events.frame import Mode
from events.topics import TopicNames
from imaging.files import Sort, find_images
from producers.images import ImageFiles
from producers.kafka_sink import KafkaSink
from producers.picture import JpegEncoder
from producers.production import Production
from producers.publisher import DropPolicy
from settings import Settings
from tests.producers.consuming import frame_of, read_until_ends
from tests.producers.pictures import jpeg
from tests.producers.sources import ListSource

pytestmark = pytest.mark.broker


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for gesture in ("fist", "palm"):
        (folder / gesture).mkdir(parents=True)
        for number in range(6):
            (folder / gesture / f"{number}.jpg").write_bytes(jpeg(width=40 + number, shade=number * 30))
    return folder


def test_files_arrive_byte_for_byte_with_key_label_and_size_and_each_partition_ends(
    settings: Settings, photos: Path
) -> None:
    files = find_images([photos], recursive=True, sort=Sort.NAME).files
    source = ImageFiles(files, encoder=JpegEncoder(), label_from_parent=True)
    with KafkaSink(settings) as sink:
        producing = Production(source, sink=sink, name=str(photos), cameras=["album"], policy=DropPolicy.WAIT, speed=0)
        summary = producing.run()
    records, ends = read_until_ends(settings)
    frames = {record.key.decode(): frame_of(record) for record in records}
    assert sorted(frames) == sorted(map(str, files))
    for number, file in enumerate(files):
        frame = frames[str(file)]
        assert frame.image == file.read_bytes()
        assert (frame.label, frame.source, frame.mode) == (file.parent.name, str(file), Mode.STILL)
        assert (frame.camera, frame.run, frame.sequence) == ("album", producing.run_id, number)
        assert (frame.width, frame.height) == (40 + number % 6, 24)
    assert all(record.timestamp == round(frame_of(record).captured_at.timestamp() * 1000) for record in records)
    assert len({record.partition for record in records}) == settings.partitions
    assert sorted(partition for partition, _ in ends) == list(range(settings.partitions))
    assert all(end.partition == partition for partition, end in ends)
    assert {(end.run, end.source, end.frames, end.partitions) for _, end in ends} == {
        (producing.run_id, str(photos), 12, settings.partitions)
    }
    assert (summary.published, summary.dropped, summary.stream_ended) == (12, {}, True)


def test_one_camera_keeps_its_order_in_one_partition(settings: Settings) -> None:
    source = ListSource([b"x%d" % number for number in range(300)])
    with KafkaSink(settings) as sink:
        Production(source, sink=sink, name="list", cameras=["a", "b"], policy=DropPolicy.WAIT, speed=0).run()
    records, _ = read_until_ends(settings)
    assert len(records) == 600
    for camera in (b"a", b"b"):
        own = [record for record in records if record.key == camera]
        assert len({record.partition for record in own}) == 1
        assert [frame_of(record).sequence for record in own] == list(range(300))


def test_a_frame_at_the_limit_arrives_and_a_larger_one_is_dropped(settings: Settings) -> None:
    limit = 2_000_000
    own = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}limit.", "max_message_bytes": limit})
    create_topics(own)
    source = ListSource([bytes([1]) * limit, bytes([2]) * (limit + 1), b"small"])
    with KafkaSink(own) as sink:
        summary = Production(source, sink=sink, name="list", cameras=["a"], policy=DropPolicy.WAIT, speed=0).run()
    records, _ = read_until_ends(own)
    assert [len(record.value) for record in records] == [limit, 5]
    assert summary.dropped == {"too_large": 1}


def test_the_topics_own_limit_counts_where_it_is_smaller(settings: Settings) -> None:
    own = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}small.", "max_message_bytes": 100_000})
    create_topics(own)
    generous = own.model_copy(update={"max_message_bytes": 10_000_000})
    with KafkaSink(generous) as sink:
        assert sink.max_value_bytes == 100_000


def test_a_missing_topic_is_one_clear_error(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}nowhere."})
    with pytest.raises(BrokerError, match=f"there is no topic {TopicNames(nowhere.topic_prefix).frames}"):
        KafkaSink(nowhere)


def test_no_broker_is_one_clear_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.topics.BOOTSTRAP_TIMEOUT_MS", 200)
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1"):
        KafkaSink(settings.model_copy(update={"broker": "127.0.0.1:1"}))
