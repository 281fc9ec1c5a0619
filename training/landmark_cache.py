"""Landmarks of photographs that were searched before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from events.prediction import Handedness, Landmarks, WorldLandmarks
from events.units import Ratio
from recognition.assets import SHA256 as LANDMARK_MODEL
from settings import load_settings

# Changes with what is kept of a hand.
_FORMAT = "hands.v2"
# What decides which hands are found in a picture, besides the model.
_SEARCHING = (
    "imaging.decoding",
    "imaging.header",
    "recognition.image_cut",
    "recognition.still_search",
    "recognition.engine.hand_reader",
    "recognition.engine.landmark_model",
    "recognition.engine.palm_detector",
    "recognition.engine.region",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedHand:
    """landmarks: 21 points, x and y in 0..1 of the photograph. world_landmarks: the same in metres."""

    handedness: Handedness
    score: Ratio
    landmarks: Landmarks
    world_landmarks: WorldLandmarks | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found in one photograph: its size in pixels, as it was decoded, and its hands, perhaps none."""

    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]
    hands: Sequence[CachedHand]


class LandmarkCache:
    """Keeps one small file a photograph below `cache_dir/landmarks`, named by the sha256 of the photograph's bytes.

    What another landmark model, another engine or other code of ours has found is not taken for what this one would
    find. May be used from several threads and processes at once.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._folder = cache_dir / "landmarks" / searching()[:16]

    def get(self, sha256: str) -> Searched | None:
        """None for a photograph that is new, and for an entry that cannot be read."""
        try:
            return _DECODER.decode(self._path(sha256).read_bytes())
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, sha256: str, searched: Searched) -> None:
        """Raises OSError."""
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(_ENCODER.encode(searched))
        os.replace(temporary, path)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.json"


@cache
def searching() -> str:
    """sha256 of all that decides which hands are found in a photograph. The engine is not imported for it."""
    engine = load_settings().engine
    digest = hashlib.sha256(f"{_FORMAT} {LANDMARK_MODEL} {engine} {version(engine)}".encode())
    for module in _SEARCHING:
        spec = find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        digest.update(Path(spec.origin).read_bytes())
    return digest.hexdigest()


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Searched)
