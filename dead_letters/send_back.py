"""Dead letters back into `frames`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from broker.topics import BrokerError
from dead_letters.letter import Letter
from events.reason import Reason
from producers.ledger import DropReason, Ledger
from producers.sink import Sink

MAX_IN_FLIGHT = 256
MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Plan:
    """What would be sent, by reason, and what is left out."""

    sent: Counter[Reason] = field(default_factory=Counter)
    retried_enough: int = 0
    too_large: int = 0


class SendBack:
    """Sends letters to the partition that they came from, so that those of one camera stay in order.

    Their record's timestamp is now: with the original one, the broker's retention could delete them at once.
    max_retries: leave out what was sent again so often; None for no bound. limit: of letters sent.
    """

    def __init__(
        self,
        *,
        max_value_bytes: int,
        max_retries: int | None = None,
        limit: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._max_value_bytes = max_value_bytes
        self._max_retries = max_retries
        self._limit = limit
        self._clock = clock

    def plan(self, letters: Iterable[Letter]) -> Plan:
        """What send() would do with these."""
        return self._go(letters, send=lambda _: None)

    def send(self, letters: Iterable[Letter], sink: Sink) -> Plan:
        """Return when all are on the broker. Raises BrokerError where one is not."""
        ledger = Ledger(max_in_flight=MAX_IN_FLIGHT, max_in_flight_bytes=MAX_IN_FLIGHT_BYTES)
        faults: list[BrokerError] = []

        def landed(size_bytes: int, error: BrokerError | None) -> None:
            if error is not None:
                faults.append(error)
            ledger.land(size_bytes, dropped=None if error is None else DropReason.REFUSED)

        def send(one: Letter) -> None:
            if faults:
                raise faults[0]
            size_bytes = len(one.letter.value)
            partition = one.letter.position.partition
            ledger.offer()
            ledger.launch(size_bytes, give_up=lambda: False)
            sink.send(
                one.to_frame(timestamp_ms=int(self._clock() * 1000)),
                partition=partition if partition < sink.partition_count else None,
                done=partial(landed, size_bytes),
            )

        plan = self._go(letters, send=send)
        ledger.wait_until_landed(give_up=lambda: False)
        if faults:
            raise faults[0]
        return plan

    def _go(self, letters: Iterable[Letter], *, send: Callable[[Letter], None]) -> Plan:
        plan = Plan()
        for one in letters:
            if self._max_retries is not None and one.retries >= self._max_retries:
                plan.retried_enough += 1
            elif len(one.letter.value) > self._max_value_bytes:
                plan.too_large += 1
            elif self._limit is not None and plan.sent.total() >= self._limit:
                break
            else:
                send(one)
                plan.sent[one.letter.reason] += 1
        return plan
