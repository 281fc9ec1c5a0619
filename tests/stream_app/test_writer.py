"""Outcomes on their way to Faust's producer."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from events.record import Record
from stream_app.outcome import Outcome
from stream_app.writer import FaustWriter


def outcome(value: bytes) -> Outcome:
    return Outcome(topic="frames.dlq", record=Record(key=None, value=value, headers=()))


def test_what_is_flushed_just_as_the_last_request_was_handed_over_is_sent_too() -> None:
    async def run() -> list[bytes]:
        loop = asyncio.get_running_loop()
        sent: list[bytes] = []
        settled = asyncio.Event()

        def write_second() -> None:
            writer.write(outcome(b"second"), partition=0, on_settled=lambda _: settled.set())
            writer.flush()

        async def send(_topic: str, _key: Any, value: bytes, *_: Any) -> asyncio.Future[None]:
            if not sent:
                # Runs in the turn of the loop in which the sending task is done and has not told so yet.
                loop.call_soon(write_second)
            sent.append(value)
            stored = loop.create_future()
            stored.set_result(None)
            return stored

        app: Any = SimpleNamespace(producer=SimpleNamespace(send=send))
        writer = FaustWriter(app)
        writer.write(outcome(b"first"), partition=0, on_settled=lambda _: None)
        writer.flush()
        async with asyncio.timeout(5):
            await settled.wait()
        return sent

    assert asyncio.run(run()) == [b"first", b"second"]
