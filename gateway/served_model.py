"""The model that names what is uploaded, and what takes its place when another one is promoted."""

from __future__ import annotations

import threading

from monitoring.model_metrics import ModelMetrics
from recognition.bundle import Manifest
from recognition.bundle_sources import bundle_source
from recognition.bundle_watcher import BundleWatcher
from recognition.pipeline import Recognizer
from settings import Settings


class ServedModel:
    """The same choice as the workers': HANDSTREAM_MODEL, asked again while the gateway runs. Raises BundleError."""

    def __init__(self, settings: Settings, *, observer: ModelMetrics) -> None:
        self._settings = settings
        self._observer = observer
        self._source = bundle_source(settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
        self._bundle = self._source.load()
        self._recognizer: Recognizer | None = None
        self._watcher: BundleWatcher | None = None
        self._stopped = False
        self._lock = threading.Lock()
        observer.started(self._bundle.manifest)

    @property
    def manifest(self) -> Manifest:
        """Of the model that names the next image."""
        recognizer = self._recognizer
        return (self._bundle if recognizer is None else recognizer.bundle).manifest

    def start(self) -> Recognizer:
        """A recognizer that takes up what is promoted from now on. Takes seconds. Raises AssetError."""
        recognizer = Recognizer.create(bundle=self._bundle, settings=self._settings)
        with self._lock:
            # Whoever stops while this is still loading must not leave a watcher behind.
            if not self._stopped:
                self._recognizer = recognizer
                self._watcher = BundleWatcher(
                    self._source,
                    serving=recognizer,
                    observer=self._observer,
                    every_seconds=self._settings.model_poll_seconds,
                )
                self._watcher.start()
        return recognizer

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        if self._watcher is not None:
            self._watcher.close()
