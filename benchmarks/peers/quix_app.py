"""A Quix Streams application. Run several in one group to use several cores."""

from __future__ import annotations

from typing import Any

from quixstreams import Application

from benchmarks.peers.hands import HandFinder
from benchmarks.peers.options import load_options


def main() -> None:
    options = load_options()
    finder = HandFinder(options)
    app = Application(
        broker_address=options.broker,
        consumer_group=options.group,
        auto_offset_reset="earliest",
        auto_create_topics=False,
    )
    frames = app.topic(options.frames_topic, value_deserializer="bytes", key_deserializer="str")
    predictions = app.topic(options.predictions_topic, value_serializer="json", key_serializer="str")

    def recognise(image: bytes, camera: str, timestamp_ms: int, _headers: Any) -> dict[str, Any]:
        return finder.find(camera, image, timestamp_ms)

    app.dataframe(frames).apply(recognise, metadata=True).to_topic(predictions)
    app.run()


if __name__ == "__main__":
    main()
