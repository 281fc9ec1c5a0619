"""A bundle served from a model registry; whoever moves the alias changes what is served."""

from __future__ import annotations

from pathlib import Path

from recognition.bundle import Bundle, BundleError
from recognition.bundle_source import SourceUnavailable
from recognition.model_uri import ModelUri
from recognition.registry import ModelVersion, Registry


class RegistrySource:
    """The version that a name means. Opens the registry, and imports MLflow, when it is first asked."""

    def __init__(self, uri: ModelUri, *, data_dir: Path, cache_dir: Path) -> None:
        self._uri = uri
        self._data_dir = data_dir
        self._cache_dir = cache_dir
        self._registry: Registry | None = None
        self._seen: str | None = None

    def load(self) -> Bundle:
        version = self._open().find(self._uri)
        return self._take(version)

    def poll(self) -> Bundle | None:
        if self._uri.version is not None and self._seen is not None:
            # A number means the same version for ever.
            return None
        version = self._open().find(self._uri)
        return None if version.version == self._seen else self._take(version)

    def _take(self, version: ModelVersion) -> Bundle:
        try:
            bundle = self._open().load(version)
        except SourceUnavailable:
            # Not this version's fault: it is tried again.
            raise
        except BundleError:
            self._seen = version.version
            raise
        self._seen = version.version
        return bundle

    def _open(self) -> Registry:
        if self._registry is None:
            self._registry = Registry.open(data_dir=self._data_dir, cache_dir=self._cache_dir)
        return self._registry
