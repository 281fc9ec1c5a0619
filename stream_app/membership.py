"""Letting the group know at once of a worker that died, which would otherwise be noticed by its silence."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import Any

from kafka.admin import MemberToRemove
from kafka.errors import KafkaError
from tenacity import RetryError, Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from broker.topics import BrokerError, admin_client
from settings import Settings

LOOK_SECONDS = 0.25
# After that the session of the dead member is over in any case.
PATIENCE_SECONDS = 30.0

log = logging.getLogger("handstream.worker")


def client_id(pid: int | None = None) -> str:
    """By which a worker process of this machine is known in its group; this process where no pid is given."""
    return f"handstream-{socket.gethostname()}-{os.getpid() if pid is None else pid}"


def remove_soon(settings: Settings, pid: int) -> None:
    """Remove the member that a worker process was, in a thread of its own. Its partitions go to the others at once.

    Without this the group waits for the session timeout. A process that left the group itself is no longer there.
    """
    threading.Thread(target=_remove, args=(settings, client_id(pid)), name="leave-group", daemon=True).start()


def _remove(settings: Settings, client: str) -> None:
    group = settings.consumer_group
    retrying = Retrying(
        retry=retry_if_result(lambda is_done: not is_done) | retry_if_exception_type((BrokerError, KafkaError)),
        wait=wait_fixed(LOOK_SECONDS),
        stop=stop_after_delay(PATIENCE_SECONDS),
    )
    try:
        retrying(_remove_if_replaced, settings, client)
    except RetryError as error:
        log.warning(
            "dead_worker_not_removed_from_group",
            extra={"group": group, "client_id": client, "reason": str(error.last_attempt.exception() or "it is alone")},
        )


def _remove_if_replaced(settings: Settings, client: str) -> bool:
    """Whether there is nothing left to do.

    The last member of a group stays until another one has joined: a broker makes the first member of an empty group
    wait (group.initial.rebalance.delay.ms, 3 s by default).
    """
    group = settings.consumer_group
    with admin_client(settings) as admin:
        described: Any = admin.describe_groups([group])[group]
        members = described["members"]
        dead = [one["member_id"] for one in members if one["client_id"] == client]
        if dead and len(dead) == len(members):
            return False
        if dead:
            admin.remove_group_members(group, [MemberToRemove(member_id=one) for one in dead])
            log.info("dead_worker_removed_from_group", extra={"group": group, "client_id": client})
    return True
