"""Making sure, ahead, that the broker can keep its data."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.embedded.errors import DiskFull, DiskNotWritable

MEBIBYTE = 1024 * 1024
# Two segments of the busiest partition, and indexes. Kafka ends itself when its disk is full.
MIN_FREE_BYTES = 512 * MEBIBYTE
_FULL = (errno.ENOSPC, errno.EDQUOT)


def prepare_directory(directory: Path) -> None:
    """Make the directory. Raises DiskNotWritable, DiskFull."""
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".writable"
        probe.write_bytes(b"\0")
        probe.unlink()
        free_bytes = shutil.disk_usage(directory).free
    if free_bytes < MIN_FREE_BYTES:
        raise DiskFull(
            f"{free_bytes // MEBIBYTE} MiB are free for {directory}, the broker needs {MIN_FREE_BYTES // MEBIBYTE}: "
            "free some, or set HANDSTREAM_DATA_DIR to a larger disk"
        )


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """What fails to be written in the directory comes as DiskFull or DiskNotWritable."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"no space is left for {directory}: free some, or set HANDSTREAM_DATA_DIR to a larger disk"
            ) from error
        raise DiskNotWritable(
            f"cannot write in {directory} ({error.strerror}): set HANDSTREAM_DATA_DIR to a directory of yours"
        ) from error
