"""Loading the engine that the settings name."""

from __future__ import annotations

from pathlib import Path

from recognition.assets import ensure_landmark_model
from recognition.engine.options import EngineKind, EngineOptions
from recognition.engine.protocol import HandEngine
from settings import Settings, load_settings


def load_engine(
    options: EngineOptions | None = None, *, landmark_model: Path | None = None, settings: Settings | None = None
) -> HandEngine:
    """The engine that the options name. Raises AssetError, and SettingsError where the settings are read here.

    options: those of the settings where not given. landmark_model: the `.task` file; fetched where it is not there.
    settings: those of the environment where not given.
    """
    settings = settings or load_settings()
    options = options or EngineOptions.of(settings)
    task = landmark_model or ensure_landmark_model(cache_dir=settings.cache_dir)
    # Each engine is a large library: only the one that is used is imported.
    if options.kind is EngineKind.MEDIAPIPE:
        from recognition.engine.mediapipe_engine import MediaPipeEngine  # noqa: PLC0415

        return MediaPipeEngine(task, options)
    from recognition.engine.openvino_engine import OpenVinoEngine  # noqa: PLC0415

    return OpenVinoEngine.load(task, options, cache_dir=settings.cache_dir / "openvino")
