"""What a watcher does with what its source gives."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest

from recognition.bundle import Bundle, BundleError, Manifest, Refusal
from recognition.bundle_source import MemorySource, SourceUnavailable
from recognition.bundle_watcher import BundleWatcher
from tests.logged import context, lines
from tests.recognition.twins import TwinClassifier, manifest


def version(number: str) -> Bundle:
    return Bundle(manifest=replace(manifest(), version=number), classifier=TwinClassifier(1.0, 0.0, 0.0, 0.0))


class Serving:
    def __init__(self) -> None:
        self.bundle = version("1")
        self.swapped = threading.Event()

    def swap(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.swapped.set()


class Observer:
    def __init__(self) -> None:
        self.events: list[str] = []

    def swapped(self, manifest: Manifest) -> None:
        self.events.append(f"swapped {manifest.version}")

    def refused(self, reason: str) -> None:
        self.events.append(f"refused {reason}")

    def reachable(self, *, is_so: bool) -> None:
        self.events.append("reached" if is_so else "lost")


@pytest.fixture
def serving() -> Serving:
    return Serving()


@pytest.fixture
def source(serving: Serving) -> MemorySource:
    return MemorySource(serving.bundle)


@pytest.fixture
def observer() -> Observer:
    return Observer()


@pytest.fixture
def watcher(serving: Serving, source: MemorySource, observer: Observer) -> BundleWatcher:
    return BundleWatcher(source, serving=serving, observer=observer, every_seconds=0.01)


def test_another_bundle_is_taken_into_service(
    watcher: BundleWatcher, serving: Serving, source: MemorySource, observer: Observer
) -> None:
    source.put(version("2"))

    watcher.check()
    watcher.check()

    assert serving.bundle.manifest.version == "2"
    assert observer.events == ["reached", "swapped 2", "reached"]


def test_the_same_bundle_again_is_no_swap(
    watcher: BundleWatcher, serving: Serving, source: MemorySource, observer: Observer
) -> None:
    before = serving.bundle
    source.put(version("1"))

    watcher.check()

    assert serving.bundle is before
    assert observer.events == ["reached"]


def test_a_bad_bundle_is_said_and_counted_and_the_old_one_stays(
    watcher: BundleWatcher,
    serving: Serving,
    source: MemorySource,
    observer: Observer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    source.put(BundleError("models:/gestures/2 was damaged", reason=Refusal.CHECKSUM))

    watcher.check()
    watcher.check()

    assert serving.bundle.manifest.version == "1"
    assert "refused checksum" in observer.events
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert context(caplog.records[0]) | {"model_sha256": ""} == {
        "reason": "models:/gestures/2 was damaged",
        "model": "twin",
        "model_version": "1",
        "model_sha256": "",
    }


def test_a_registry_that_does_not_answer_is_said_once_and_again_when_it_does(
    watcher: BundleWatcher,
    serving: Serving,
    source: MemorySource,
    observer: Observer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        source.put(SourceUnavailable("MLflow does not answer"))
    source.put(version("2"))

    for _ in range(4):
        watcher.check()

    assert observer.events == ["lost", "lost", "lost", "reached", "swapped 2"]
    assert "".join(lines(caplog.records)).count("does not answer") == 1
    assert "can be asked again" in caplog.text
    assert serving.bundle.manifest.version == "2"


def test_a_fault_of_the_source_does_not_end_the_watching(
    serving: Serving, observer: Observer, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(MemorySource):
        def poll(self) -> Bundle | None:
            if not caplog.records:
                raise RuntimeError("a bug")
            return super().poll()

    source = Faulty(serving.bundle)
    source.put(version("2"))
    watcher = BundleWatcher(source, serving=serving, observer=observer, every_seconds=0.01)

    watcher.start()
    assert serving.swapped.wait(10)
    watcher.close()

    assert "RuntimeError: a bug" in "".join(lines(caplog.records))


def test_closing_ends_the_thread(watcher: BundleWatcher) -> None:
    watcher.start()
    watcher.close()
    watcher.close()

    assert "watch-bundle" not in {thread.name for thread in threading.enumerate()}


def test_one_that_was_never_started_closes(watcher: BundleWatcher) -> None:
    watcher.close()
