"""An audit of a running or stopped system, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from broker.consuming import consumer
from broker.topics import admin_client
from handstream.audit.counts import Report
from handstream.audit.engine import audit
from handstream.audit.kafka_log import CONSUMER_OPTIONS, KafkaLog
from handstream.audit.scope import Scope
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
    """Compare what the broker holds at this moment. first, end: as in KafkaLog. since, until, cameras: as in Scope.

    began: told how many outcomes there are to read. Raises BrokerError, and ValueError for a partition that is none.
    """
    # Its context puts every fault of the broker into one clear line, the consumer's too.
    with admin_client(settings), consumer(settings, **CONSUMER_OPTIONS) as client:
        log = KafkaLog(client, settings=settings, first=first, end=end, since=since)
        began(log.outcome_count)
        scope = Scope(cameras=cameras, since=since, until=until)
        return audit(log, topic=log.topic, group=settings.consumer_group, scope=scope, advance=advance)
