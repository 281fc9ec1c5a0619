"""An audit of a running or stopped system, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from audit.counts import Report
from audit.engine import audit
from audit.kafka_log import CONSUMER_OPTIONS, KafkaLog
from audit.log import AuditScope
from broker.topic_reader import topic_reader
from events.topics import TopicNames
from settings import Settings


def audit_system(
    settings: Settings,
    *,
    first: Mapping[int, int] | None = None,
    end: Mapping[int, int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cameras: frozenset[str] = frozenset(),
    began: Callable[[int], None] = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """Compare what the broker holds at this moment. first, end: as in KafkaLog. since, until, cameras: of AuditScope.

    began: called with the number of outcomes to read. Raises BrokerError, and ValueError for an unknown partition.
    """
    names = TopicNames(settings.topic_prefix)
    with (
        topic_reader(settings, names.frames, **CONSUMER_OPTIONS) as frames,
        topic_reader(settings, names.predictions, names.dead_letters, **CONSUMER_OPTIONS) as outcomes,
    ):
        log = KafkaLog(frames, outcomes, settings=settings, first=first, end=end, since=since)
        began(log.outcome_count)
        scope = AuditScope(cameras=cameras, since=since, until=until)
        return audit(log, topic=log.topic, group=settings.consumer_group, scope=scope, advance=advance)
