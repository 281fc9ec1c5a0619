"""The app under the name that Faust's own command looks for: `faust -A stream_app.app worker`."""

from __future__ import annotations

from recognition.bundle_sources import bundle_source
from recognition.pipeline import Recognizer
from settings import load_settings
from stream_app.worker_app import WorkerApp

settings = load_settings()
source = bundle_source(settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
app = WorkerApp(
    settings,
    create_recognizer=lambda: Recognizer.create(
        bundle=source.load(),
        settings=settings,
    ),
    source=source,
)
