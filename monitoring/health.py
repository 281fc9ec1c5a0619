"""What a process says of itself: whether it is alive, and whether it does its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# None where all is well, else one line that says what is not.
Check = Callable[[], str | None]


class Health:
    """Named checks behind `/healthz` and `/readyz`. Checks are called from the threads of the monitoring server.

    alive: a process that is not should be restarted. ready: one that is not needs help, or time.
    """

    def __init__(self, *, alive: Mapping[str, Check] | None = None, ready: Mapping[str, Check] | None = None) -> None:
        self._alive = dict(alive or {})
        self._ready = dict(ready or {})

    def not_alive(self) -> dict[str, str]:
        """What is wrong, by the check's name; empty where the process is alive."""
        return _faults(self._alive)

    def not_ready(self) -> dict[str, str]:
        """What is missing, by the check's name; empty where the process is ready. What is not alive is not ready."""
        return _faults(self._alive | self._ready)


def _faults(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {name: check() for name, check in checks.items()}
    return {name: fault for name, fault in found.items() if fault is not None}
