"""OpenCV, made quiet and careful before it is first used.

Import cv2 from here: FFmpeg and OpenCV print the addresses they open, passwords included, unless they are told not to
before they load.
"""

from __future__ import annotations

import os

from imaging.limits import MAX_PIXELS

_AV_LOG_QUIET = "-8"  # FFmpeg's libavutil/log.h

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _AV_LOG_QUIET)
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

import cv2  # noqa: E402

# For a process that had loaded OpenCV already.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
