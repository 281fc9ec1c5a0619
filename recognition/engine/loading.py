"""Choosing and loading an engine."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from events.prediction import MAX_HANDS
from recognition.assets import AssetError, default_cache_dir, ensure_landmark_model
from recognition.engine.options import EngineKind, EngineOptions
from recognition.engine.precision import Precision
from recognition.engine.protocol import HandEngine
from recognition.environment import PREFIX, setting

DEFAULT_MAX_HANDS = 2

T = TypeVar("T", EngineKind, Precision)


class EngineError(AssetError):
    """An engine cannot be had: the message names the setting, its value and the way out."""


def options_of_environment() -> EngineOptions:
    """HANDSTREAM_ENGINE, HANDSTREAM_MAX_HANDS and HANDSTREAM_PRECISION. Raises EngineError."""
    return EngineOptions(
        kind=_choice("ENGINE", EngineKind, EngineKind.OPENVINO),
        max_hands=_max_hands(),
        precision=_choice("PRECISION", Precision, Precision.AUTO),
    )


def load_engine(
    options: EngineOptions | None = None, *, landmark_model: Path | None = None, cache_dir: Path | None = None
) -> HandEngine:
    """The engine that the options (by default the environment's) name. Raises EngineError and AssetError.

    landmark_model: the `.task` file; fetched where it is not there. cache_dir: where compiled networks are kept; the
    user's cache folder where not given.
    """
    options = options or options_of_environment()
    task = landmark_model or ensure_landmark_model()
    # Each engine is a large library: only the one that is used is imported.
    if options.kind is EngineKind.MEDIAPIPE:
        from recognition.engine.mediapipe_engine import MediaPipeEngine  # noqa: PLC0415

        return MediaPipeEngine(task, options)
    from recognition.engine.openvino_engine import OpenVinoEngine  # noqa: PLC0415

    return OpenVinoEngine.load(task, options, cache_dir=(cache_dir or default_cache_dir()) / "openvino")


def _max_hands() -> int:
    text = setting("MAX_HANDS") or str(DEFAULT_MAX_HANDS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_HANDS):
        raise EngineError(f"{PREFIX}MAX_HANDS must be a number from 1 to {MAX_HANDS}, not {text!r}")
    return int(text)


def _choice(name: str, kind: type[T], default: T) -> T:
    text = setting(name)
    if text is None:
        return default
    try:
        return kind(text.lower())
    except ValueError:
        raise EngineError(f"{PREFIX}{name} must be one of {', '.join(kind)}, not {text!r}") from None
