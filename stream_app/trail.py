"""Outcomes of one partition that are on their way to the broker."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(slots=True)
class _Unconfirmed:
    on_stored: Callable[[], None]
    on_fault: Callable[[BaseException], None]
    is_settled: bool = False
    fault: BaseException | None = None


class Trail:
    """Acts on confirmations in the order of sending, in whatever order they come.

    A confirmation that fails leaves those behind it without an action.
    """

    def __init__(self) -> None:
        self._unconfirmed: deque[_Unconfirmed] = deque()
        self._has_failed = False
        self._waiting: list[asyncio.Future[None]] = []

    def add(
        self, on_stored: Callable[[], None], *, on_fault: Callable[[BaseException], None]
    ) -> Callable[[BaseException | None], None]:
        """Take one more. One of them is called once all before it are stored, and it is or could not be.

        What is returned is to be called when it is stored (None), or with the reason why it could not be.
        """
        entry = _Unconfirmed(on_stored, on_fault)
        self._unconfirmed.append(entry)
        return partial(self._settle, entry)

    async def wait(self, *, max_unconfirmed: int = 0) -> None:
        """Return once no more than so many are unconfirmed. Those behind a failure count as confirmed."""
        while len(self._unconfirmed) > max_unconfirmed:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting

    def _settle(self, entry: _Unconfirmed, fault: BaseException | None) -> None:
        entry.is_settled, entry.fault = True, fault
        while self._unconfirmed and self._unconfirmed[0].is_settled:
            self._act(self._unconfirmed.popleft())
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def _act(self, entry: _Unconfirmed) -> None:
        if self._has_failed:
            return
        fault = entry.fault
        if fault is None:
            try:
                entry.on_stored()
            except Exception as error:
                fault = error
        if fault is not None:
            self._has_failed = True
            entry.on_fault(fault)
