"""Where the bundle comes from that is served, and how another one is noticed."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from recognition.bundle import Bundle, BundleError


class SourceUnavailable(BundleError):
    """The source cannot be asked just now, or does not have what was asked for. No bundle was refused."""


class BundleSource(Protocol):
    """One place of bundles. Asked by one thread at a time."""

    def load(self) -> Bundle:
        """The bundle that is there now. Raises BundleError."""

    def poll(self) -> Bundle | None:
        """Another bundle than the one given last, once it is there; else None.

        Raises BundleError once for each that cannot be served, and SourceUnavailable each time that it cannot be asked.
        """


class MemorySource:
    """Gives what it was told to, for tests and for who has a bundle in hand."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._next: deque[Bundle | BundleError] = deque()

    def put(self, what: Bundle | BundleError) -> None:
        """What the next poll gives or raises."""
        self._next.append(what)

    def load(self) -> Bundle:
        return self._bundle

    def poll(self) -> Bundle | None:
        if not self._next:
            return None
        found = self._next.popleft()
        if isinstance(found, BundleError):
            raise found
        self._bundle = found
        return found
