"""Letting the group know at once of a worker that died, which would otherwise be noticed by its silence."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import Any

from kafka.admin import MemberToRemove
from kafka.errors import KafkaError

from broker.topics import BrokerError, admin_client
from settings import Settings

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
    try:
        with admin_client(settings) as admin:
            described: Any = admin.describe_groups([group])[group]
            members = [one["member_id"] for one in described["members"] if one["client_id"] == client]
            if members:
                admin.remove_group_members(group, [MemberToRemove(member_id=one) for one in members])
                log.info("Removed a dead worker from the consumer group", extra={"group": group, "client_id": client})
    except (BrokerError, KafkaError) as error:
        log.warning(
            "A dead worker stays in the consumer group until its session times out",
            extra={"group": group, "client_id": client, "reason": str(error)},
        )
