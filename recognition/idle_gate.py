"""Frames of a camera that need no search: no hand is in sight and nothing has moved since the last search in vain."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.decoding import thumbnail
from imaging.header import check_limits

# Between two searches, of capture time: the longest that a hand which the comparison misses goes unseen.
MAX_SKIP_SECONDS = 0.5
# Between two comparisons: most of what a frame without a search costs is decoding it, even at a reduced scale. So what
# appears is noticed after this and one frame more at the latest.
COMPARE_EVERY_SECONDS = 0.05
# After motion, or after a hand was lost, every frame is searched for so long: a hand that stands still may be found by
# the next search although the one before missed it.
SETTLE_SECONDS = 0.3

# Pixels on the longer side of what is compared; of a frame of 640 x 480 pixels, the means of blocks of 8 x 8.
THUMBNAIL_LONG_SIDE = 80
# Differences are averaged over so many thumbnail pixels across and down: a twenty-seventh of the image's longer side.
BLOCK = 3
# Grey levels (of 255) by which a block's mean must change at the least. Below lie the steps of a JPEG's quantisation.
MIN_CHANGE = 3.0
# Of all blocks together, which is how a change of light shows that is too even to stand out anywhere.
MIN_EVEN_CHANGE = 1.5
# The largest of some thousand normally distributed changes is about 4 standard deviations.
NOISE_DEVIATIONS = 7.0
# Weight of the newest frame in the estimate of the noise.
NOISE_WEIGHT = 0.1
# Grey levels; a noisy camera must not make a hand invisible.
MAX_NOISE = 1.2
# Of normally distributed values, their median distance from the median by their standard deviation.
_MEDIAN_DEVIATION = 0.6745

Grey = NDArray[np.float32]


class IdleGate:
    """Says of one camera's run which frames need no search. Ask it only while no hand is followed.

    A frame may be skipped where its thumbnail shows no change against the last frame that was searched in vain, and
    where that search, by capture times, is less than MAX_SKIP_SECONDS ago when the next frame comes. Change is judged
    by means of blocks against the camera's own noise, so that a small hand at the edge counts and the grain of a dark
    image does not. A change of light counts as motion: then the search decides.

    Only a JPEG can be compared, since only a JPEG can be decoded at a reduced scale for less than a search costs.
    """

    __slots__ = ("_compared_at", "_last_at", "_noise", "_reference", "_searched_at", "_settled_at", "_thumbnail")

    def __init__(self) -> None:
        self._thumbnail: Grey | None = None
        self._reference: Grey | None = None
        self._noise = 0.0
        self._last_at = -math.inf
        self._compared_at = -math.inf
        self._searched_at = -math.inf
        self._settled_at = math.inf

    def may_skip(self, image: bytes, *, at_seconds: float) -> bool:
        """Whether this frame needs no search. Where it does, call searched() afterwards.

        image: encoded. at_seconds: capture time, by any clock. Raises RecordError where the image breaks a limit.
        """
        interval = at_seconds - self._last_at
        self._last_at = at_seconds
        # Where times do not rise, they do not say how long ago the last search was.
        is_due = interval <= 0 or at_seconds + interval - self._searched_at > MAX_SKIP_SECONDS
        is_settled = self._reference is not None and at_seconds >= self._settled_at
        if is_settled and not is_due and at_seconds - self._compared_at < COMPARE_EVERY_SECONDS:
            check_limits(image)
            return True
        self._compared_at = at_seconds
        self._thumbnail = _smoothed(thumbnail(image, long_side=THUMBNAIL_LONG_SIDE))
        if self._thumbnail is None or self._reference is None or self._thumbnail.shape != self._reference.shape:
            self._unsettle(at_seconds)
            return False
        if self._has_changed(self._thumbnail, self._reference):
            self._unsettle(at_seconds)
            return False
        return is_settled and not is_due

    def searched(self, *, found: bool, at_seconds: float) -> None:
        """The frame captured at that time was searched; found: whether it shows a hand."""
        self._reference = None if found else self._thumbnail
        self._thumbnail = None
        self._last_at = self._searched_at = at_seconds

    def _unsettle(self, at_seconds: float) -> None:
        self._settled_at = at_seconds + SETTLE_SECONDS

    def _has_changed(self, thumbnail: Grey, reference: Grey) -> bool:
        change = thumbnail - reference
        even = float(np.median(change))
        noise = float(np.median(np.abs(change - even))) / _MEDIAN_DEVIATION
        bound = max(MIN_CHANGE, NOISE_DEVIATIONS * self._noise)
        changed = abs(even) > MIN_EVEN_CHANGE or float(np.abs(change).max()) > bound
        self._noise = min(MAX_NOISE, self._noise + NOISE_WEIGHT * (noise - self._noise))
        return changed


def _smoothed(pixels: NDArray[np.uint8] | None) -> Grey | None:
    if pixels is None:
        return None
    return np.asarray(cv2.blur(pixels.astype(np.float32), (BLOCK, BLOCK)), dtype=np.float32)
