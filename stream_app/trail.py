"""Outcomes of one partition that are on their way to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

# Some hundred bytes each; more would make the broker no faster.
MOST_UNCONFIRMED = 256


class Trail:
    """Waits for confirmations behind the one who sends, and acts on them in the order of sending.

    A confirmation that fails leaves those behind it without an action.
    """

    def __init__(self, *, most_unconfirmed: int = MOST_UNCONFIRMED) -> None:
        self._room = asyncio.Semaphore(most_unconfirmed)
        self._last: asyncio.Task[bool] | None = None

    async def add(
        self,
        stored: Awaitable[Any],
        *,
        then: Callable[[], None],
        on_fault: Callable[[BaseException], Awaitable[None]],
    ) -> None:
        """Take one more, waiting only where too many are unconfirmed. then: once it and all before it are stored."""
        await self._room.acquire()
        # Referenced from here and by the next one, so that it is not collected while it waits.
        self._last = asyncio.create_task(self._confirm(self._last, stored, then=then, on_fault=on_fault))

    @property
    def last(self) -> asyncio.Task[bool] | None:
        """Done once all that was added is confirmed, or has failed."""
        return self._last

    @property
    def is_confirmed(self) -> bool:
        """Whether nothing is waited for. What was added may have failed."""
        return self._last is None or self._last.done()

    async def confirmed(self) -> None:
        """Wait until all that was added is confirmed, or has failed."""
        if self._last is not None:
            await self._last

    async def _confirm(
        self,
        previous: asyncio.Task[bool] | None,
        stored: Awaitable[Any],
        *,
        then: Callable[[], None],
        on_fault: Callable[[BaseException], Awaitable[None]],
    ) -> bool:
        try:
            may_act = previous is None or await previous
            await stored
            if may_act:
                then()
            return may_act
        except Exception as fault:
            await on_fault(fault)
            return False
        finally:
            self._room.release()
