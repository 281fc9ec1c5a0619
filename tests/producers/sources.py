"""Sources for tests."""

from __future__ import annotations

from collections.abc import Iterator

from events.frame import Mode
from producers.source import Shot, SourceError


class ListSource:
    """A Source of the images given, one every tenth of a second; then it fails where a fault is given."""

    def __init__(
        self,
        images: list[bytes],
        *,
        mode: Mode = Mode.RECORDED,
        key: str | None = None,
        label: str | None = None,
        fault: SourceError | None = None,
    ) -> None:
        self.mode = mode
        self.closed = False
        self._images = images
        self._key = key
        self._label = label
        self._fault = fault

    @property
    def total(self) -> int | None:
        return len(self._images)

    def shots(self) -> Iterator[Shot]:
        for number, image in enumerate(self._images):
            if self.closed:
                return
            yield Shot(
                image=image,
                width=32,
                height=24,
                at_seconds=number / 10,
                source=f"list:{number}",
                key=self._key,
                label=self._label,
            )
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        self.closed = True


class EndlessSource(ListSource):
    """A Source that gives the same picture until it is closed."""

    def __init__(self, *, mode: Mode = Mode.LIVE) -> None:
        super().__init__([], mode=mode)

    @property
    def total(self) -> int | None:
        return None

    def shots(self) -> Iterator[Shot]:
        number = 0
        while not self.closed:
            yield Shot(image=b"x", width=1, height=1, at_seconds=number / 10, source="endless")
            number += 1
