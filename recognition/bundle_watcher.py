"""Another bundle taken into service while frames go on."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from recognition.bundle import Bundle, BundleError, Manifest
from recognition.bundle_source import BundleSource, SourceUnavailable

log = logging.getLogger("handstream.model")

CLOSE_TIMEOUT_SECONDS = 2.0


class Swappable(Protocol):
    """Names hands by one bundle, and by another one from the next frame on."""

    @property
    def bundle(self) -> Bundle: ...

    def swap(self, bundle: Bundle) -> None: ...


class ServingObserver(Protocol):
    """Counts what happens to the served bundle; the `reason` is one of Refusal."""

    def swapped(self, manifest: Manifest) -> None: ...

    def refused(self, reason: str) -> None: ...

    def reachable(self, *, is_so: bool) -> None: ...


class BundleWatcher:
    """Asks the source every few seconds, in a thread of its own.

    What cannot be served is named once, and the old bundle stays. A source that does not answer is named once too,
    and again when it does.
    """

    def __init__(
        self, source: BundleSource, *, serving: Swappable, observer: ServingObserver, every_seconds: float
    ) -> None:
        self._source = source
        self._serving = serving
        self._observer = observer
        self._every_seconds = every_seconds
        self._trouble: str | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch-bundle", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ask no more. A registry that is being waited for just now is not waited for here."""
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_TIMEOUT_SECONDS)

    def check(self) -> None:
        """Ask the source once. Nothing is raised."""
        try:
            bundle = self._source.poll()
        except SourceUnavailable as error:
            self._troubled(str(error))
            return
        except BundleError as error:
            self._answered()
            self._observer.refused(error.reason.value)
            log.error(
                "Refused a model; the old one stays in service",
                extra={"reason": str(error), **_called(self._serving.bundle)},
            )
            return
        except Exception as error:
            # A watcher that ends unnoticed would leave every later promotion without effect.
            self._troubled(f"{type(error).__name__}: {error}")
            return
        self._answered()
        if bundle is not None and bundle.manifest != self._serving.bundle.manifest:
            before = _called(self._serving.bundle)
            self._serving.swap(bundle)
            self._observer.swapped(bundle.manifest)
            log.info("Another model is in service", extra={**_called(bundle), "before": before["model_version"]})

    def _watch(self) -> None:
        while not self._closed.wait(self._every_seconds):
            self.check()

    def _troubled(self, trouble: str) -> None:
        self._observer.reachable(is_so=False)
        if trouble != self._trouble:
            log.warning(
                "The models cannot be asked; the old one stays in service",
                extra={"reason": trouble, **_called(self._serving.bundle)},
            )
        self._trouble = trouble

    def _answered(self) -> None:
        self._observer.reachable(is_so=True)
        if self._trouble is not None:
            log.info("The models can be asked again")
        self._trouble = None


def _called(bundle: Bundle) -> dict[str, str]:
    manifest = bundle.manifest
    return {"model": manifest.name, "model_version": manifest.version, "model_sha256": manifest.sha256[:12]}
