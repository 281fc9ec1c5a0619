"""Options of all peers, from environment variables: a Faust program does not own its command line."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """broker: host:port. num_hands: how many hands to look for. tracking: follow hands from frame to frame (VIDEO mode)
    instead of searching each image on its own (IMAGE mode)."""

    broker: str
    frames_topic: str
    predictions_topic: str
    group: str
    model: str
    num_hands: int
    tracking: bool


def load_options() -> Options:
    return Options(
        broker=os.environ.get("PEER_BROKER", "127.0.0.1:9092"),
        frames_topic=os.environ.get("PEER_FRAMES_TOPIC", "frames"),
        predictions_topic=os.environ.get("PEER_PREDICTIONS_TOPIC", "predictions"),
        group=os.environ.get("PEER_GROUP", "peers"),
        model=os.environ["PEER_MODEL"],
        num_hands=int(os.environ.get("PEER_HANDS", "2")),
        tracking=os.environ.get("PEER_TRACKING", "1") == "1",
    )
