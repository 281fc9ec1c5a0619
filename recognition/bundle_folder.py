"""A bundle served from a folder, which may be written anew while it is served."""

from __future__ import annotations

from pathlib import Path

from recognition.bundle import MANIFEST_FILE, MODEL_FILE, Bundle, BundleError, load_bundle

# Of each file: when it was changed, its size and which file it is; None where it is missing.
_State = tuple[tuple[int, int, int] | None, ...]


class FolderSource:
    """Takes up what was written into the folder once two polls in a row have found it the same.

    Whoever copies a bundle file by file is therefore not caught with half of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: _State | None = None
        self._settling: _State | None = None

    def load(self) -> Bundle:
        self._seen = self._state()
        return load_bundle(self._folder)

    def poll(self) -> Bundle | None:
        state = self._state()
        if state == self._seen:
            self._settling = None
            return None
        if state != self._settling:
            self._settling = state
            return None
        try:
            bundle = load_bundle(self._folder)
        except BundleError:
            if self._state() != state:
                # Written just now: not a bad bundle, but one that is not finished.
                return None
            self._seen = state
            raise
        self._seen = state
        return bundle

    def _state(self) -> _State:
        return tuple(_file_state(self._folder / name) for name in (MANIFEST_FILE, MODEL_FILE))


def _file_state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
