"""Still pictures from files and folders."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from events.frame import Mode
from events.reason import RecordError
from imaging.files import PathError, Sort, find_images, path_text, read_image_file
from producers.picture import Encoded, JpegEncoder
from producers.source import Shot, SourceError

MAX_FILE_BYTES = 256 * 1024 * 1024

logger = logging.getLogger("handstream.producer")


class ImageFiles:
    """A Source of files, in the order given. A JPEG file's bytes are not touched unless it has to be scaled down.

    Each picture is keyed by its file, so that pictures, which do not depend on each other, spread over partitions.

    rate_hz: pictures a second at original pace. label_from_parent: the name of a file's folder is its ground truth.
    unreadable: how many files were skipped so far; each is named in a warning.
    """

    @classmethod
    def find(
        cls,
        paths: Sequence[Path],
        *,
        encoder: JpegEncoder,
        recursive: bool = False,
        sort: Sort = Sort.NAME,
        rate_hz: float = 30.0,
        label_from_parent: bool = False,
    ) -> ImageFiles:
        """Of files and folders as find_images takes them. Raises SourceError."""
        try:
            found = find_images(paths, recursive=recursive, sort=sort)
        except PathError as error:
            raise SourceError(str(error)) from error
        images = cls(found.files, encoder=encoder, rate_hz=rate_hz, label_from_parent=label_from_parent)
        images._skipped = found.skipped
        return images

    def __init__(
        self, files: Sequence[Path], *, encoder: JpegEncoder, rate_hz: float = 30.0, label_from_parent: bool = False
    ) -> None:
        if not 0 < rate_hz < float("inf"):
            raise ValueError(f"rate_hz must be greater than 0, not {rate_hz}")
        self._files = tuple(files)
        self._encoder = encoder
        self._rate_hz = rate_hz
        self._label_from_parent = label_from_parent
        self._closed = threading.Event()
        self._unreadable: set[Path] = set()
        self._skipped: Mapping[str, int] = {}

    @property
    def mode(self) -> Mode:
        return Mode.STILL

    @property
    def total(self) -> int:
        return len(self._files)

    @property
    def period_seconds(self) -> float:
        return 1 / self._rate_hz

    @property
    def unreadable(self) -> int:
        return len(self._unreadable)

    def shots(self) -> Iterator[Shot]:
        if self._skipped:
            logger.warning("Skipped files that are no images", extra={"kinds": dict(self._skipped)})
            self._skipped = {}
        count = 0
        for file in self._files:
            if self._closed.is_set():
                return
            picture = self._read(file)
            if picture is None:
                continue
            name = path_text(file)
            yield Shot(
                image=picture.image,
                width=picture.width,
                height=picture.height,
                at_seconds=count / self._rate_hz,
                source=name,
                key=name,
                label=path_text(file.absolute().parent.name) if self._label_from_parent else None,
            )
            count += 1

    def close(self) -> None:
        self._closed.set()

    def _read(self, file: Path) -> Encoded | None:
        try:
            return self._encoder.from_file(read_image_file(file, max_bytes=MAX_FILE_BYTES))
        except OSError as error:
            fault = f"cannot be read: {error.strerror}"
        except RecordError as error:
            fault = str(error)
        if file not in self._unreadable:  # once, however often the files are gone through
            self._unreadable.add(file)
            logger.warning("Skipped an image file", extra={"file": path_text(file), "reason": fault})
        return None
