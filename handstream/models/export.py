"""A registered bundle as a folder that needs no registry."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from recognition.bundle import CARD_FILE, MANIFEST_FILE, MODEL_FILE, PICKLE_FILE, Manifest, encoded, write_whole


class ExportError(Exception):
    """The folder cannot be written: the message names it and the way out."""


def export_bundle(source: Path, *, manifest: Manifest, out: Path) -> None:
    """Write the bundle's files into `out`. Raises ExportError.

    A new folder is there as a whole or not at all; in one that holds a bundle the manifest is written last.
    """
    if out.exists() and not (out.is_dir() and ((out / MANIFEST_FILE).is_file() or not any(out.iterdir()))):
        raise ExportError(f"{out} is there and holds no model bundle: name a new folder in --out")
    names = [name for name in (MODEL_FILE, CARD_FILE) if (source / name).is_file()]
    try:
        if out.is_dir():
            _write(source, names=names, manifest=manifest, folder=out)
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
            whole = Path(temporary) / out.name
            whole.mkdir()
            _write(source, names=names, manifest=manifest, folder=whole)
            whole.rename(out)
    except (OSError, shutil.Error) as error:
        raise ExportError(f"cannot write {out}: {getattr(error, 'strerror', None) or error}") from error


def _write(source: Path, *, names: list[str], manifest: Manifest, folder: Path) -> None:
    for name in names:
        write_whole(folder / name, (source / name).read_bytes())
    write_whole(folder / MANIFEST_FILE, encoded(manifest))
    # Of a bundle of format 1 that was there before.
    (folder / PICKLE_FILE).unlink(missing_ok=True)
