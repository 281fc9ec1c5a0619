"""Recognising uploads in threads, a bounded number at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from gateway.bound import RETRY_AFTER_SECONDS, Bound
from gateway.problem import Problem
from recognition.pipeline import Recognizer

log = logging.getLogger("handstream.gateway")
T = TypeVar("T")


class Slot(Protocol):
    """The right to recognise, one piece of work after the other."""

    def __call__(self, work: Callable[[Recognizer], T], /) -> Awaitable[T]: ...


class RecognitionPool:
    """threads: pieces of work at once. waiting: that may wait for a thread; whoever comes then is turned away.

    The recognizer is loaded in the background, so that the server answers meanwhile.
    """

    def __init__(self, *, create: Callable[[], Recognizer], threads: int, waiting: int) -> None:
        self._create = create
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="predict")
        self._slots = Bound(threads + waiting, what="uploads being recognised or waiting for it")
        self._recognizer: Recognizer | None = None
        self._fault: Exception | None = None

    @property
    def is_loaded(self) -> bool:
        return self._recognizer is not None

    async def load(self) -> None:
        """Load the model. A fault is kept for those who ask for a slot."""
        loop = asyncio.get_running_loop()
        try:
            self._recognizer = await loop.run_in_executor(self._executor, self._create)
        except Exception as fault:
            self._fault = fault
            log.error("cannot load the model", extra={"error": str(fault)})

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """A slot for a block. Raises Problem at once where all are taken or the model is not there."""
        recognizer = self._recognizer
        if recognizer is None:
            detail = f"the model cannot be loaded: {self._fault}" if self._fault else "the model is still being loaded"
            raise Problem(503, "model-not-loaded", detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        loop = asyncio.get_running_loop()

        def run(work: Callable[[Recognizer], T], /) -> Awaitable[T]:
            return loop.run_in_executor(self._executor, work, recognizer)

        with self._slots.one():
            yield run

    async def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._recognizer is not None:
            # The threads must have let go of the landmarkers before these are closed.
            await asyncio.to_thread(self._executor.shutdown)
            await asyncio.to_thread(self._recognizer.close)
