"""A plain Faust agent: `faust -A benchmarks.peers.faust_agent worker --without-web`, once for each core."""

from __future__ import annotations

from typing import Any

import faust

from benchmarks.peers.hands import HandFinder
from benchmarks.peers.options import load_options

options = load_options()
app = faust.App(
    options.group,
    broker=f"kafka://{options.broker}",
    key_serializer="raw",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
)
frames = app.topic(options.frames_topic, value_serializer="raw")
predictions = app.topic(options.predictions_topic, value_serializer="json")
finder = HandFinder(options)


@app.agent(frames)  # type: ignore[untyped-decorator]
async def recognise(stream: Any) -> None:
    async for event in stream.events():
        captured_ms = round(event.message.timestamp * 1000)
        found = finder.find(event.key.decode(), event.value, captured_ms)
        await predictions.send(key=event.key, value=found)


if __name__ == "__main__":
    app.main()
