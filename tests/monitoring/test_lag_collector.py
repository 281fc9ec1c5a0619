"""What one look at groups and topics comes to, on a cluster in memory."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitoring.cluster import GroupState, OffsetRange, Partition
from monitoring.lag import PartitionLag
from monitoring.lag_collector import LagCollector, LagScope, Snapshot
from monitoring.lag_metrics import LagMetrics
from tests.monitoring.clusters import InMemoryCluster

NOW = 1_000_000.0
WORKERS = "workers"
FRAMES = "frames"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cluster() -> InMemoryCluster:
    return InMemoryCluster(states={WORKERS: GroupState(state="Stable", members=2)})


def survey(clock: Clock, *, groups: tuple[str, ...] | None = (WORKERS,)) -> LagCollector:
    scope = LagScope(groups=groups, topics=(FRAMES, "predictions"), expected=frozenset({(WORKERS, FRAMES)}))
    return LagCollector(scope, clock=clock)


def only(snapshot: Snapshot) -> PartitionLag:
    ((lag,),) = (group.partitions for group in snapshot.groups)
    return lag


def hold(cluster: InMemoryCluster, *, beginning: int, end: int, committed: int | None) -> Partition:
    partition = Partition(FRAMES, 0)
    cluster.held[partition] = OffsetRange(beginning=beginning, end=end)
    if committed is not None:
        cluster.commits[WORKERS] = {partition: committed}
    return partition


@pytest.mark.parametrize(
    ("offsets", "records"),
    [
        ((0, 0, None), 0),  # an empty topic
        ((5, 9, None), 4),  # a group that never committed begins with what there is
        ((5, 9, 9), 0),  # an idle partition
        ((5, 9, 7), 2),
        ((5, 9, 2), 4),  # what the group would read next has expired
        ((9, 9, 2), 0),  # all of it has
        ((0, 3, 9), 0),  # a topic that was made anew
    ],
)
def test_records_that_wait(
    cluster: InMemoryCluster, clock: Clock, offsets: tuple[int, int, int | None], records: int
) -> None:
    """offsets: beginning, end and what the group has committed."""
    beginning, end, committed = offsets
    partition = hold(cluster, beginning=beginning, end=end, committed=committed)
    for offset in range(beginning, end):
        cluster.times[partition, offset] = NOW - 100 + offset

    lag = only(survey(clock).take(cluster))

    assert lag.records == records
    assert lag.seconds == (100 - max(committed or 0, beginning) if records else 0)


def test_a_record_is_read_once_for_as_long_as_it_is_the_oldest(cluster: InMemoryCluster, clock: Clock) -> None:
    partition = hold(cluster, beginning=0, end=9, committed=4)
    cluster.times = {(partition, 4): NOW - 7, (partition, 5): NOW - 6}
    one = survey(clock)

    assert only(one.take(cluster)).seconds == 7
    clock.now += 10
    cluster.held[partition] = OffsetRange(beginning=0, end=99)
    assert only(one.take(cluster)).seconds == 17
    assert cluster.asked == [(partition, 4)]

    cluster.commits[WORKERS] = {partition: 5}
    assert only(one.take(cluster)).seconds == 16
    cluster.commits[WORKERS] = {partition: 99}
    assert only(one.take(cluster)).seconds == 0
    assert cluster.asked == [(partition, 4), (partition, 5)]


def test_a_camera_whose_clock_is_ahead_hides_no_lag(cluster: InMemoryCluster, clock: Clock) -> None:
    partition = hold(cluster, beginning=0, end=9, committed=4)
    cluster.times[partition, 4] = NOW + 1800
    one = survey(clock)

    assert only(one.take(cluster)).seconds == 0
    clock.now += 60
    assert only(one.take(cluster)).seconds == 60


def test_an_age_that_cannot_be_had_is_not_made_up(cluster: InMemoryCluster, clock: Clock) -> None:
    cluster.unreadable.add(hold(cluster, beginning=0, end=9, committed=4))

    lag = only(survey(clock).take(cluster))

    assert (lag.records, lag.seconds) == (5, None)


def test_offsets_without_a_record_are_no_lag(cluster: InMemoryCluster, clock: Clock) -> None:
    partition = hold(cluster, beginning=0, end=9, committed=8)
    one = survey(clock)

    lag = only(one.take(cluster))
    assert (lag.records, lag.seconds, lag.committed) == (0, 0.0, 8)
    one.take(cluster)
    assert cluster.asked == [(partition, 8)]

    cluster.held[partition] = OffsetRange(beginning=0, end=12)
    cluster.times[partition, 11] = NOW - 5
    lag = only(one.take(cluster))
    assert (lag.records, lag.seconds) == (1, 5)


def test_a_group_is_shown_in_the_topics_that_it_reads(cluster: InMemoryCluster, clock: Clock) -> None:
    frames = hold(cluster, beginning=0, end=1, committed=None)
    cluster.times[frames, 0] = NOW
    results = {Partition("predictions", number): OffsetRange(beginning=0, end=3) for number in (0, 1)}
    cluster.held |= results
    cluster.states |= {
        "billing": GroupState(state="Empty", members=0),
        "elsewhere": GroupState(state="Stable", members=1),
    }
    cluster.commits["billing"] = {Partition("predictions", 0): 3}
    cluster.times[Partition("predictions", 1), 0] = NOW

    named = survey(clock, groups=(WORKERS, "billing", "unheard-of")).take(cluster)
    found = survey(clock, groups=None).take(cluster)

    shown = {
        group.group: [(lag.topic, lag.partition, lag.records) for lag in group.partitions] for group in named.groups
    }
    assert shown == {
        WORKERS: [(FRAMES, 0, 1)],
        "billing": [("predictions", 0, 0), ("predictions", 1, 3)],
        "unheard-of": [],
    }
    assert {group.group: group.state.state for group in named.groups}["unheard-of"] == "Dead"
    assert [group.group for group in found.groups] == [WORKERS, "billing"]


def test_a_scrape_has_all_of_a_snapshot_or_says_that_kafka_is_away(cluster: InMemoryCluster, clock: Clock) -> None:
    partition = hold(cluster, beginning=2, end=9, committed=4)
    cluster.held[Partition(FRAMES, 1)] = OffsetRange(beginning=0, end=0)
    cluster.times[partition, 4] = NOW - 3
    registry, monotonic = CollectorRegistry(), Clock()
    metrics = LagMetrics(registry, patience_seconds=30, clock=monotonic)

    def lines() -> list[str]:
        text = generate_latest(registry).decode()
        return [line for line in text.splitlines() if not line.startswith("#")]

    assert lines() == ["handstream_broker_up 0.0"]
    metrics.show(survey(clock).take(cluster))
    shown = lines()
    for line in (
        "handstream_broker_up 1.0",
        "kafka_brokers 1.0",
        'kafka_topic_partitions{topic="frames"} 2.0',
        'kafka_topic_partition_current_offset{partition="0",topic="frames"} 9.0',
        'kafka_topic_partition_oldest_offset{partition="0",topic="frames"} 2.0',
        'kafka_consumergroup_current_offset{consumergroup="workers",partition="0",topic="frames"} 4.0',
        'kafka_consumergroup_current_offset_sum{consumergroup="workers",topic="frames"} 4.0',
        'kafka_consumergroup_lag{consumergroup="workers",partition="0",topic="frames"} 5.0',
        'kafka_consumergroup_lag{consumergroup="workers",partition="1",topic="frames"} 0.0',
        'kafka_consumergroup_lag_sum{consumergroup="workers",topic="frames"} 5.0',
        'kafka_consumergroup_lag_seconds{consumergroup="workers",partition="0",topic="frames"} 3.0',
        'kafka_consumergroup_members{consumergroup="workers"} 2.0',
        'handstream_consumergroup_state{consumergroup="workers",state="Stable"} 1.0',
        'handstream_consumergroup_state{consumergroup="workers",state="Empty"} 0.0',
    ):
        assert _sorted_labels(line) in map(_sorted_labels, shown)
    # Never committed, so there is no offset to show.
    assert not any(line.startswith("kafka_consumergroup_current_offset{") and '"1"' in line for line in shown)

    monotonic.now += 31
    assert lines() == ["handstream_broker_up 0.0"]
    metrics.show(survey(clock).take(cluster))
    metrics.withdraw()
    assert lines() == ["handstream_broker_up 0.0"]


def _sorted_labels(line: str) -> tuple[str, frozenset[str], str]:
    name, _, rest = line.partition("{")
    labels, _, value = rest.rpartition("} ")
    return name, frozenset(labels.split(",")), value
